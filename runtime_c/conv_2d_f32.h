/* Convolution of float32 images, NHWC: windows are read where they lie, a block of channels at a time. */
#ifndef SIMREF_CONV_2D_F32_H
#define SIMREF_CONV_2D_F32_H

#include "convolve_f32.h"

struct simref_conv_2d_f32_params {
    struct simref_convolution_f32 conv;
};

/* w as in dot_f32.h, depth: kernel_height * kernel_width * depth; b: one bias per channel. */
void simref_conv_2d_f32(const struct simref_conv_2d_f32_params *p, const float *x, const float *w,
                        const float *b, float *y);

#endif
