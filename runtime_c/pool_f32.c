#include "pool_f32.h"

#include "clamp_f32.h"
#include "taps.h"

static void simref_pool_row_f32(const struct simref_pool_f32 *p, const float *x,
                                const struct simref_inside *rows, float *y, simref_pool_pixel_f32 *pool) {
    struct simref_window_f32 window;
    window.rows = rows->count;
    window.column_step = p->dilation_width * p->channels;
    for (int32_t column = 0; column < p->output_width; column++, y += p->channels) {
        const int32_t left = column * p->stride_width - p->pad_left;
        const struct simref_inside columns =
            simref_taps_inside(left, p->dilation_width, p->kernel_width, p->input_width);
        const int32_t taps =
            p->include_pad != 0 ? p->kernel_height * p->kernel_width : rows->count * columns.count;
        window.x = x + columns.start * p->channels;
        window.columns = columns.count;
        window.row_step =
            p->dilation_height * p->input_width * p->channels - columns.count * window.column_step;
        window.taps = (float)taps;
        pool(&window, p->channels, y);
    }
}

void simref_pool_images_f32(const struct simref_pool_f32 *p, const float *x, float *y,
                            simref_pool_pixel_f32 *pool) {
    const int32_t output_row = p->output_width * p->channels;
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t row = 0; row < p->output_height; row++, y += output_row) {
            const struct simref_inside rows = simref_taps_inside(
                row * p->stride_height - p->pad_top, p->dilation_height, p->kernel_height, p->input_height);
            simref_pool_row_f32(p, x + rows.start * p->input_width * p->channels, &rows, y, pool);
            simref_clamp_f32(y, output_row, p->low, p->high);
        }
        x += p->input_height * p->input_width * p->channels;
    }
}
