/* Convolution of int8 images, NHWC: windows are gathered into rows, two at a time, and multiplied. */
#ifndef SIMREF_CONV_2D_S8_H
#define SIMREF_CONV_2D_S8_H

#include "matmul_s8.h"

/* The input has batches images of input_height x input_width pixels of input_channels, of which a window
 * takes depth, those from first_input on. dense.depth = kernel_height * kernel_width * depth. Outside the
 * image lies the input_zero_point. Pixel (row, column) of image n is written at y + first_output + n *
 * output_image + row * output_row + column * output_pixel. */
struct simref_conv_2d_s8_params {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t depth;
    int32_t first_input;
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
    int32_t output_image;
    int32_t output_row;
    int32_t output_pixel;
    int32_t first_output;
    struct simref_dense_s8 dense;
};

/* w and b as in dot_s8.h and dense_s8.h; scratch: 2 * dense.depth bytes. */
void simref_conv_2d_s8(const struct simref_conv_2d_s8_params *p, const int8_t *x, const int8_t *w,
                       const int32_t *b, int8_t *y, void *scratch);

#endif
