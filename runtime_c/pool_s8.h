/* Pooling of int8 images, NHWC: the geometry, and the part of a window that lies inside the image. */
#ifndef SIMREF_POOL_S8_H
#define SIMREF_POOL_S8_H

#include <stdint.h>

/* low, high: the output's range. Every window overlaps the image. */
struct simref_pool_s8 {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t output_height;
    int32_t output_width;
    int32_t low;
    int32_t high;
};

/* Rows and columns of taps from x on, the pixel at the upper left. */
struct simref_window {
    const int8_t *x;
    int32_t rows;
    int32_t columns;
};

/* What one call of a pooling function computes: all channels of one output pixel. */
typedef void simref_pool_pixel(const struct simref_pool_s8 *p, const struct simref_window *window, int8_t *y);

static inline struct simref_window simref_clip(const struct simref_pool_s8 *p, const int8_t *x, int32_t top,
                                               int32_t left) {
    const int32_t bottom = top + p->kernel_height;
    const int32_t right = left + p->kernel_width;
    const int32_t row = top < 0 ? 0 : top;
    const int32_t column = left < 0 ? 0 : left;
    const struct simref_window window = {
        x + (row * p->input_width + column) * p->channels,
        (bottom < p->input_height ? bottom : p->input_height) - row,
        (right < p->input_width ? right : p->input_width) - column,
    };
    return window;
}

/* Calls `pool` for each output pixel in order. */
static inline void simref_pool(const struct simref_pool_s8 *p, const int8_t *x, int8_t *y,
                               simref_pool_pixel *pool) {
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t row = 0; row < p->output_height; row++) {
            for (int32_t column = 0; column < p->output_width; column++) {
                const struct simref_window window = simref_clip(p, x, row * p->stride_height - p->pad_top,
                                                                column * p->stride_width - p->pad_left);
                pool(p, &window, y);
                y += p->channels;
            }
        }
        x += p->input_height * p->input_width * p->channels;
    }
}

#endif
