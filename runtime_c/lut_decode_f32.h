/* Weights that are stored as indices into tables of float32 values, decoded one block of channels at a time.
 */
#ifndef SIMREF_LUT_DECODE_F32_H
#define SIMREF_LUT_DECODE_F32_H

#include <stdint.h>

/* bits: 8, or 4 with two indices in a byte, the first in its low bits. table_step: floats from a channel's
 * table to the next one's, 0 where all share one. */
struct simref_lut_f32 {
    int32_t bits;
    int32_t table_step;
};

/* depth weights of each of `channels` channels, [depth][channels] like their indices, which start with the
 * item-th one of w. table: of the first of the channels. */
void simref_lut_decode_f32(const struct simref_lut_f32 *lut, const uint8_t *w, int32_t item, int32_t depth,
                           int32_t channels, const float *table, float *weights);

#endif
