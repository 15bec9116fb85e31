/* Depthwise convolution of int8 images, NHWC: channel by channel, from a buffer that holds the rows a few
 * output rows need, with the padding around them. */
#ifndef SIMREF_DEPTHWISE_CONV_2D_S8_H
#define SIMREF_DEPTHWISE_CONV_2D_S8_H

#include <stdint.h>

/* Each of the input channels gives depth_multiplier output channels. band: output rows computed per filling
 * of the buffer. buffer_width: bytes per buffer row, of which the last window sees the end. per_channel: 1
 * where each output channel has its multiplier and shift, 0 where all share one. */
struct simref_depthwise_conv_2d_s8_params {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels;
    int32_t depth_multiplier;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t output_height;
    int32_t output_width;
    int32_t band;
    int32_t buffer_width;
    int32_t buffer_size;
    int32_t per_channel;
    int32_t output_zero_point;
    int32_t low;
    int32_t high;
    const int32_t *multiplier;
    const int8_t *shift;
};

/* w: [output channel][kernel_height * kernel_width]. b: the bias less input_zero_point times the sum of the
 * channel's weights. scratch: buffer_size bytes, the band's input rows and 3 * stride_width more. y may be x
 * where depth_multiplier is 1 and the output no larger: see in_place in the generator. */
void simref_depthwise_conv_2d_s8(const struct simref_depthwise_conv_2d_s8_params *p, const int8_t *x,
                                 const int8_t *w, const int32_t *b, int8_t *y, void *scratch);

#endif
