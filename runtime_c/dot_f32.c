#include "dot_f32.h"

#include "four_f32.h"

static inline void simref_add_row_f32(struct simref_four_f32 *s, float x, const float *w) {
    const struct simref_four_f32 v = simref_load_f32(w);
    simref_add_products_f32(s, x, &v);
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
    const struct simref_four_f32 four = simref_load_f32(b);
    simref_put_f32(&s, &four, y);
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

/* One more product of each sum. */
static inline void simref_add_tile_f32(struct simref_tile_f32 *s, float x0, float x1, float x2, float x3,
                                       const float *w) {
    const struct simref_four_f32 v = simref_load_f32(w);
    simref_add_products_f32(&s->row0, x0, &v);
    simref_add_products_f32(&s->row1, x1, &v);
    simref_add_products_f32(&s->row2, x2, &v);
    simref_add_products_f32(&s->row3, x3, &v);
}

static void simref_dot_4x4_f32(const struct simref_taps_f32 *t, const float *x, int32_t x_step,
                               const float *w, const float *b, float *y, int32_t y_step) {
    struct simref_tile_f32 s = simref_zero_tile_f32();
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
    simref_put_tile_f32(&s, b, y, y_step);
}

const struct simref_tiles_f32 simref_dot_four_f32 = {SIMREF_BLOCK_F32, simref_dot_1x4_f32,
                                                     simref_dot_4x4_f32};
const struct simref_tiles_f32 simref_dot_one_f32 = {1, simref_dot_1x1_f32, simref_dot_4x1_f32};
