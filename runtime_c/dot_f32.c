#include "dot_f32.h"

#include "float32.h"

/* Four sums of one row. */
struct simref_four_f32 {
    float c0, c1, c2, c3;
};

static inline struct simref_four_f32 simref_zeros_f32(void) {
    const struct simref_four_f32 s = {0.0f, 0.0f, 0.0f, 0.0f};
    return s;
}

static inline struct simref_four_f32 simref_weights_f32(const float *w) {
    const struct simref_four_f32 four = {w[0], w[1], w[2], w[3]};
    return four;
}

static inline void simref_add_products_f32(struct simref_four_f32 *s, float x,
                                           const struct simref_four_f32 *w) {
    s->c0 = simref_fma_f32(x, w->c0, s->c0);
    s->c1 = simref_fma_f32(x, w->c1, s->c1);
    s->c2 = simref_fma_f32(x, w->c2, s->c2);
    s->c3 = simref_fma_f32(x, w->c3, s->c3);
}

static inline void simref_add_row_f32(struct simref_four_f32 *s, float x, const float *w) {
    const struct simref_four_f32 v = simref_weights_f32(w);
    simref_add_products_f32(s, x, &v);
}

static inline void simref_put_f32(const struct simref_four_f32 *s, const float *b, float *y) {
    y[0] = s->c0 + b[0];
    y[1] = s->c1 + b[1];
    y[2] = s->c2 + b[2];
    y[3] = s->c3 + b[3];
}

static void simref_dot_1x1_f32(const struct simref_taps_f32 *t, const float *x, const float *w,
                               const float *b, float *y) {
    float sum = 0.0f;
    for (int32_t row = 0; row < t->rows; row++, x += t->row_step, w += t->skip) {
        const float *start = x;
        for (int32_t run = 0; run < t->runs; run++, start += t->run_step) {
            for (const float *p = start, *end = p + t->length; p != end; p++) {
                sum = simref_fma_f32(*p, *w++, sum);
            }
        }
    }
    *y = sum + *b;
}

static void simref_dot_1x4_f32(const struct simref_taps_f32 *t, const float *x, const float *w,
                               const float *b, float *y) {
    struct simref_four_f32 s = simref_zeros_f32();
    for (int32_t row = 0; row < t->rows; row++, x += t->row_step, w += 4 * t->skip) {
        const float *start = x;
        for (int32_t run = 0; run < t->runs; run++, start += t->run_step) {
            const float *p = start, *const end = start + t->length;
            if ((t->length & 1) != 0) {
                simref_add_row_f32(&s, *p++, w);
                w += 4;
            }
            for (; p != end; p += 2, w += 8) {
                simref_add_row_f32(&s, p[0], w);
                simref_add_row_f32(&s, p[1], w + 4);
            }
        }
    }
    simref_put_f32(&s, b, y);
}

static void simref_dot_4x1_f32(const struct simref_taps_f32 *t, const float *x, int32_t x_step,
                               const float *w, const float *b, float *y, int32_t y_step) {
    struct simref_four_f32 s = simref_zeros_f32();
    for (int32_t row = 0; row < t->rows; row++, x += t->row_step, w += t->skip) {
        const float *start = x;
        for (int32_t run = 0; run < t->runs; run++, start += t->run_step) {
            const float *p1 = start + x_step, *p2 = p1 + x_step, *p3 = p2 + x_step;
            for (const float *p0 = start, *end = p0 + t->length; p0 != end; w++) {
                const struct simref_four_f32 v = {*p0++, *p1++, *p2++, *p3++};
                simref_add_products_f32(&s, *w, &v);
            }
        }
    }
    y[0] = s.c0 + *b;
    y[y_step] = s.c1 + *b;
    y[2 * y_step] = s.c2 + *b;
    y[3 * y_step] = s.c3 + *b;
}

/* Sums of four rows and four channels. */
struct simref_tile_f32 {
    struct simref_four_f32 row0, row1, row2, row3;
};

/* One more product of each sum. */
static inline void simref_add_tile_f32(struct simref_tile_f32 *s, float x0, float x1, float x2, float x3,
                                       const float *w) {
    const struct simref_four_f32 v = simref_weights_f32(w);
    simref_add_products_f32(&s->row0, x0, &v);
    simref_add_products_f32(&s->row1, x1, &v);
    simref_add_products_f32(&s->row2, x2, &v);
    simref_add_products_f32(&s->row3, x3, &v);
}

static void simref_dot_4x4_f32(const struct simref_taps_f32 *t, const float *x, int32_t x_step,
                               const float *w, const float *b, float *y, int32_t y_step) {
    const struct simref_four_f32 zeros = simref_zeros_f32();
    struct simref_tile_f32 s = {zeros, zeros, zeros, zeros};
    for (int32_t row = 0; row < t->rows; row++, x += t->row_step, w += 4 * t->skip) {
        const float *start = x;
        for (int32_t run = 0; run < t->runs; run++, start += t->run_step) {
            const float *p0 = start, *p1 = p0 + x_step, *p2 = p1 + x_step, *p3 = p2 + x_step;
            for (const float *end = start + t->length; p0 != end;) {
                /* Loads after the steps: a load that steps is a multiple one, which waits for products. */
                p0 += 1;
                p1 += 1;
                p2 += 1;
                p3 += 1;
                w += 4;
                simref_add_tile_f32(&s, p0[-1], p1[-1], p2[-1], p3[-1], w - 4);
            }
        }
    }
    simref_put_f32(&s.row0, b, y);
    simref_put_f32(&s.row1, b, y + y_step);
    simref_put_f32(&s.row2, b, y + 2 * y_step);
    simref_put_f32(&s.row3, b, y + 3 * y_step);
}

void simref_dot_row_f32(const struct simref_taps_f32 *t, int32_t channels, const float *x, const float *w,
                        const float *b, float *y) {
    if (channels == SIMREF_BLOCK_F32) {
        simref_dot_1x4_f32(t, x, w, b, y);
    } else {
        simref_dot_1x1_f32(t, x, w, b, y);
    }
}

void simref_dot_rows_f32(const struct simref_taps_f32 *t, int32_t channels, const float *x, int32_t x_step,
                         const float *w, const float *b, float *y, int32_t y_step) {
    if (channels == SIMREF_BLOCK_F32) {
        simref_dot_4x4_f32(t, x, x_step, w, b, y, y_step);
    } else {
        simref_dot_4x1_f32(t, x, x_step, w, b, y, y_step);
    }
}
