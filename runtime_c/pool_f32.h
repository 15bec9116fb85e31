/* Pooling of float32 images, NHWC: the geometry, and the walk over the windows. */
#ifndef SIMREF_POOL_F32_H
#define SIMREF_POOL_F32_H

#include <stdint.h>

/* include_pad: 1 where a mean counts the taps outside the image as zeros. low, high: the clamp's bounds,
 * infinite where there is none. Every window overlaps the image. */
struct simref_pool_f32 {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels;
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
    int32_t include_pad;
    float low;
    float high;
};

/* Rows and columns of taps inside the image, from the one at x on. row_step, column_step: floats from a row's
 * end to the next, and between taps. taps: how many a mean counts. */
struct simref_window_f32 {
    const float *x;
    int32_t rows;
    int32_t columns;
    int32_t row_step;
    int32_t column_step;
    float taps;
};

/* All channels of one output pixel. */
typedef void simref_pool_pixel_f32(const struct simref_window_f32 *window, int32_t channels, float *y);

/* Calls `pool` for each output pixel in order, and clamps. */
void simref_pool_images_f32(const struct simref_pool_f32 *p, const float *x, float *y,
                            simref_pool_pixel_f32 *pool);

#endif
