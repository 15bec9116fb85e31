#include "depthwise_f32.h"

#include "four_f32.h"

static void simref_depthwise_1x4_f32(const struct simref_taps_f32 *t, const float *x, const float *w,
                                     const float *b, float *y) {
    struct simref_four_f32 s = simref_zeros_f32();
    for (int32_t row = 0; row < t->rows; row++, x += t->row_step, w += 4 * t->skip) {
        const float *p = x;
        for (int32_t run = t->runs; run > 0; run--, p += t->run_step, w += 4) {
            const struct simref_four_f32 v = simref_load_f32(w);
            simref_add_lanes_f32(&s, p, &v);
        }
    }
    const struct simref_four_f32 four = simref_load_f32(b);
    simref_put_f32(&s, &four, y);
}

static void simref_depthwise_4x4_f32(const struct simref_taps_f32 *t, const float *x, int32_t x_step,
                                     const float *w, const float *b, float *y, int32_t y_step) {
    struct simref_tile_f32 s = simref_zero_tile_f32();
    for (int32_t row = 0; row < t->rows; row++, x += t->row_step, w += 4 * t->skip) {
        const float *p0 = x, *p1 = p0 + x_step, *p2 = p1 + x_step, *p3 = p2 + x_step;
        for (int32_t run = t->runs; run > 0; run--, w += 4) {
            const struct simref_four_f32 v = simref_load_f32(w);
            simref_add_lanes_f32(&s.row0, p0, &v);
            simref_add_lanes_f32(&s.row1, p1, &v);
            simref_add_lanes_f32(&s.row2, p2, &v);
            simref_add_lanes_f32(&s.row3, p3, &v);
            p0 += t->run_step;
            p1 += t->run_step;
            p2 += t->run_step;
            p3 += t->run_step;
        }
    }
    simref_put_tile_f32(&s, b, y, y_step);
}

const struct simref_tiles_f32 simref_depthwise_four_f32 = {SIMREF_BLOCK_F32, simref_depthwise_1x4_f32,
                                                           simref_depthwise_4x4_f32};
