/* The convolution of float32 images with one block of channels: its geometry, and the walk over the windows.
 */
#ifndef SIMREF_CONVOLVE_F32_H
#define SIMREF_CONVOLVE_F32_H

#include "dot_f32.h"

/* The input has batches images of input_height x input_width pixels of input_channels, of which a window
 * takes depth, those from first_input on. Taps outside the image are left out: weights are finite, so their
 * products with zeros would change nothing but the sign of a zero, which adding a bias that is not -0.0
 * undoes. Pixel (row, column) of image n is written at y + first_output + n * output_image + row * output_row
 * + column * output_pixel; it has as many values as channels. low, high: the clamp's bounds, infinite where
 * there is none. */
struct simref_convolution_f32 {
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
    int32_t output_height;
    int32_t output_width;
    int32_t output_image;
    int32_t output_row;
    int32_t output_pixel;
    int32_t first_output;
    int32_t channels;
    float low;
    float high;
};

/* The channels of one block in all images: w and b hold their weights and biases, y their places in the first
 * pixel. */
void simref_convolve_block_f32(const struct simref_convolution_f32 *c, const struct simref_tiles_f32 *tiles,
                               const float *x, const float *w, const float *b, float *y);

/* The clamp of all channels. */
void simref_convolve_clamp_f32(const struct simref_convolution_f32 *c, float *y);

#endif
