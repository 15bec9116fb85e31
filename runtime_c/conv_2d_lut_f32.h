/* Convolution of float32 images, NHWC, whose weights are indices into tables: conv_2d_f32.h with the values.
 */
#ifndef SIMREF_CONV_2D_LUT_F32_H
#define SIMREF_CONV_2D_LUT_F32_H

#include "convolve_f32.h"
#include "lut_decode_f32.h"

struct simref_conv_2d_lut_f32_params {
    struct simref_convolution_f32 conv;
    struct simref_lut_f32 lut;
};

/* w: indices in the order of the weights in dot_f32.h; tables: of the channels; b: one bias per channel.
 * scratch: the weights of four channels, or of one where there are fewer. */
void simref_conv_2d_lut_f32(const struct simref_conv_2d_lut_f32_params *p, const float *x, const uint8_t *w,
                            const float *tables, const float *b, float *y, void *scratch);

#endif
