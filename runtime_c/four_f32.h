/* Four or sixteen float32 sums, held in registers. */
#ifndef SIMREF_FOUR_F32_H
#define SIMREF_FOUR_F32_H

#include "float32.h"

/* Of four neighbouring channels: sums, weights or values; of one channel, those of four rows. */
struct simref_four_f32 {
    float c0, c1, c2, c3;
};

static inline struct simref_four_f32 simref_zeros_f32(void) {
    const struct simref_four_f32 s = {0.0f, 0.0f, 0.0f, 0.0f};
    return s;
}

static inline struct simref_four_f32 simref_load_f32(const float *w) {
    const struct simref_four_f32 four = {w[0], w[1], w[2], w[3]};
    return four;
}

/* One value times four weights. */
static inline void simref_add_products_f32(struct simref_four_f32 *s, float x,
                                           const struct simref_four_f32 *w) {
    s->c0 = simref_fma_f32(x, w->c0, s->c0);
    s->c1 = simref_fma_f32(x, w->c1, s->c1);
    s->c2 = simref_fma_f32(x, w->c2, s->c2);
    s->c3 = simref_fma_f32(x, w->c3, s->c3);
}

/* Four values, each times its own weight. */
static inline void simref_add_lanes_f32(struct simref_four_f32 *s, const float *x,
                                        const struct simref_four_f32 *w) {
    s->c0 = simref_fma_f32(x[0], w->c0, s->c0);
    s->c1 = simref_fma_f32(x[1], w->c1, s->c1);
    s->c2 = simref_fma_f32(x[2], w->c2, s->c2);
    s->c3 = simref_fma_f32(x[3], w->c3, s->c3);
}

/* y = sum + bias of four channels. */
static inline void simref_put_f32(const struct simref_four_f32 *s, const struct simref_four_f32 *b,
                                  float *y) {
    y[0] = s->c0 + b->c0;
    y[1] = s->c1 + b->c1;
    y[2] = s->c2 + b->c2;
    y[3] = s->c3 + b->c3;
}

/* Sums of four rows and four channels. */
struct simref_tile_f32 {
    struct simref_four_f32 row0, row1, row2, row3;
};

static inline struct simref_tile_f32 simref_zero_tile_f32(void) {
    const struct simref_four_f32 zeros = simref_zeros_f32();
    const struct simref_tile_f32 tile = {zeros, zeros, zeros, zeros};
    return tile;
}

/* y = sum + bias of four channels, for rows of y that lie y_step apart. */
static inline void simref_put_tile_f32(const struct simref_tile_f32 *s, const float *b, float *y,
                                       int32_t y_step) {
    const struct simref_four_f32 four = simref_load_f32(b);
    simref_put_f32(&s->row0, &four, y);
    simref_put_f32(&s->row1, &four, y + y_step);
    simref_put_f32(&s->row2, &four, y + 2 * y_step);
    simref_put_f32(&s->row3, &four, y + 3 * y_step);
}

#endif
