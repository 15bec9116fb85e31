#include "conv_2d_s8.h"

#include <string.h>

/* One row of a window that starts at column `left` of the image, any of whose columns may lie outside. */
static void simref_gather_edge(const struct simref_conv_2d_s8_params *p, const int8_t *x, int32_t left,
                               int8_t *window) {
    for (int32_t k = 0; k < p->kernel_width; k++) {
        const int32_t column = left + k * p->dilation_width;
        if (column >= 0 && column < p->input_width) {
            memcpy(window, x + column * p->input_channels, (size_t)p->depth);
        } else {
            memset(window, p->input_zero_point, (size_t)p->depth);
        }
        window += p->depth;
    }
}

/* One row of a window inside the image. */
static void simref_gather_row(const struct simref_conv_2d_s8_params *p, const int8_t *x, int8_t *window) {
    if (p->dilation_width == 1 && p->depth == p->input_channels) {
        memcpy(window, x, (size_t)(p->kernel_width * p->depth));
        return;
    }
    for (int32_t k = 0; k < p->kernel_width; k++) {
        memcpy(window, x, (size_t)p->depth);
        x += p->dilation_width * p->input_channels;
        window += p->depth;
    }
}

/* The window whose first tap lies at (top, left) of the image x. */
static void simref_gather(const struct simref_conv_2d_s8_params *p, const int8_t *x, int32_t top,
                          int32_t left, int8_t *window) {
    const int32_t width = p->kernel_width * p->depth;
    const int32_t right = left + (p->kernel_width - 1) * p->dilation_width;
    const int inside = left >= 0 && right < p->input_width;
    for (int32_t k = 0; k < p->kernel_height; k++) {
        const int32_t row = top + k * p->dilation_height;
        if (row < 0 || row >= p->input_height) {
            memset(window, p->input_zero_point, (size_t)width);
        } else if (inside) {
            simref_gather_row(p, x + (row * p->input_width + left) * p->input_channels, window);
        } else {
            simref_gather_edge(p, x + row * p->input_width * p->input_channels, left, window);
        }
        window += width;
    }
}

static void simref_convolve_row(const struct simref_conv_2d_s8_params *p, const int8_t *x, int32_t top,
                                const int8_t *w, const int32_t *b, int8_t *y, int8_t *windows) {
    int8_t *const second = windows + p->dense.depth;
    int32_t left = -p->pad_left;
    int32_t columns = p->output_width;
    for (; columns >= 2; columns -= 2) {
        simref_gather(p, x, top, left, windows);
        simref_gather(p, x, top, left + p->stride_width, second);
        simref_matmul_rows_s8(&p->dense, windows, second, w, b, y, y + p->output_pixel);
        left += 2 * p->stride_width;
        y += 2 * p->output_pixel;
    }
    if (columns > 0) {
        simref_gather(p, x, top, left, windows);
        simref_matmul_row_s8(&p->dense, windows, w, b, y);
    }
}

void simref_conv_2d_s8(const struct simref_conv_2d_s8_params *p, const int8_t *x, const int8_t *w,
                       const int32_t *b, int8_t *y, void *scratch) {
    x += p->first_input;
    y += p->first_output;
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t row = 0; row < p->output_height; row++) {
            const int32_t top = row * p->stride_height - p->pad_top;
            simref_convolve_row(p, x, top, w, b, y + row * p->output_row, scratch);
        }
        x += p->input_height * p->input_width * p->input_channels;
        y += p->output_image;
    }
}
