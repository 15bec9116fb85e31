/* A dense layer of float32 of one row, each weight one of 256 values. */
#ifndef SIMREF_FULLY_CONNECTED_LUT8_F32_H
#define SIMREF_FULLY_CONNECTED_LUT8_F32_H

#include "lut_dense_f32.h"

struct simref_fully_connected_lut8_f32_params {
    struct simref_lut_dense_f32 dense;
};

/* w: an index in a byte, in the order of the weights in dot_f32.h. tables: of the
 * channels. b: one bias per channel. */
void simref_fully_connected_lut8_f32(const struct simref_fully_connected_lut8_f32_params *p, const float *x,
                                     const uint8_t *w, const float *tables, const float *b, float *y);

#endif
