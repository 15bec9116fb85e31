/* A dense layer of one row whose weights are indices into tables of float32 values: bit for bit the sums of
 * dot_f32.h with the values. */
#ifndef SIMREF_LUT_DENSE_F32_H
#define SIMREF_LUT_DENSE_F32_H

#include <stdint.h>

/* table_step: floats from a channel's table to the next one's, 0 where all share one. low, high: the clamp's
 * bounds, infinite where there is none. */
struct simref_lut_dense_f32 {
    int32_t depth;
    int32_t channels;
    int32_t table_step;
    float low;
    float high;
};

/* What a channel sees: x, its indices from the item-th one of w on, its table, its bias. A block of four
 * channels starts with a whole byte. */
struct simref_lut_row_f32 {
    const float *x;
    const uint8_t *w;
    int32_t item;
    const float *table;
    const float *b;
};

typedef void simref_lut_dot_f32(const struct simref_lut_dense_f32 *d, const struct simref_lut_row_f32 *row,
                                float *y);

/* All channels: `four` computes the sums of a block, `one` those of a channel that is left. */
void simref_lut_channels_f32(const struct simref_lut_dense_f32 *d, const float *x, const uint8_t *w,
                             const float *tables, const float *b, float *y, simref_lut_dot_f32 *four,
                             simref_lut_dot_f32 *one);

#endif
