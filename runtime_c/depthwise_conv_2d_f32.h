/* Depthwise convolution of float32 images, NHWC: each output channel sees one input channel. */
#ifndef SIMREF_DEPTHWISE_CONV_2D_F32_H
#define SIMREF_DEPTHWISE_CONV_2D_F32_H

#include "convolve_f32.h"

/* conv.depth is 1. multiplier: output channels per input channel. */
struct simref_depthwise_conv_2d_f32_params {
    struct simref_convolution_f32 conv;
    int32_t multiplier;
};

/* w as in dot_f32.h, depth: kernel_height * kernel_width; all channels single where multiplier is not 1. b:
 * one bias per channel. */
void simref_depthwise_conv_2d_f32(const struct simref_depthwise_conv_2d_f32_params *p, const float *x,
                                  const float *w, const float *b, float *y);

#endif
