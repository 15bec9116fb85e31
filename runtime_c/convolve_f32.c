#include "convolve_f32.h"

#include "clamp_f32.h"
#include "taps.h"

/* One row of windows and one block of channels. rows: kernel rows inside the image, the first of which reads
 * x, from column 0 of the image on, and w. */
struct simref_windows_f32 {
    const struct simref_convolution_f32 *c;
    const struct simref_tiles_f32 *tiles;
    int32_t rows;
    const float *x;
    const float *w;
    const float *b;
};

/* Neighbouring columns of each of `rows` kernel rows. */
static struct simref_taps_f32 simref_columns_f32(const struct simref_convolution_f32 *c, int32_t rows,
                                                 int32_t columns) {
    const int joined = c->dilation_width == 1 && c->depth == c->input_channels;
    const struct simref_taps_f32 taps = {
        rows,
        c->dilation_height * c->input_width * c->input_channels,
        joined ? 1 : columns,
        c->dilation_width * c->input_channels,
        joined ? columns * c->depth : c->depth,
        (c->kernel_width - columns) * c->depth,
    };
    return taps;
}

/* One window, whose first tap lies in column left; any tap may lie outside. */
static void simref_convolve_edge_f32(const struct simref_windows_f32 *r, int32_t left, float *y) {
    const struct simref_convolution_f32 *c = r->c;
    const struct simref_inside inside =
        simref_taps_inside(left, c->dilation_width, c->kernel_width, c->input_width);
    const struct simref_taps_f32 taps = simref_columns_f32(c, r->rows, inside.count);
    r->tiles->row(&taps, r->x + inside.start * c->input_channels,
                  r->w + inside.before * c->depth * r->tiles->channels, r->b, y);
}

static void simref_convolve_row_f32(const struct simref_windows_f32 *r, float *y) {
    const struct simref_convolution_f32 *c = r->c;
    const struct simref_taps_f32 inside = simref_columns_f32(c, r->rows, c->kernel_width);
    const int32_t x_step = c->stride_width * c->input_channels;
    const int32_t reach = (c->kernel_width - 1) * c->dilation_width;
    const int32_t further = (SIMREF_ROWS_F32 - 1) * c->stride_width;
    int32_t left = -c->pad_left;
    int32_t count;
    for (int32_t columns = c->output_width; columns > 0; columns -= count) {
        count = 1;
        if (left < 0 || left + reach >= c->input_width) {
            simref_convolve_edge_f32(r, left, y);
        } else if (columns < SIMREF_ROWS_F32 || left + reach + further >= c->input_width) {
            r->tiles->row(&inside, r->x + left * c->input_channels, r->w, r->b, y);
        } else {
            count = SIMREF_ROWS_F32;
            r->tiles->rows(&inside, r->x + left * c->input_channels, x_step, r->w, r->b, y, c->output_pixel);
        }
        left += count * c->stride_width;
        y += count * c->output_pixel;
    }
}

static void simref_convolve_image_f32(const struct simref_convolution_f32 *c,
                                      const struct simref_tiles_f32 *tiles, const float *x, const float *w,
                                      const float *b, float *y) {
    for (int32_t row = 0; row < c->output_height; row++, y += c->output_row) {
        const int32_t top = row * c->stride_height - c->pad_top;
        const struct simref_inside inside =
            simref_taps_inside(top, c->dilation_height, c->kernel_height, c->input_height);
        const struct simref_windows_f32 windows = {
            c,
            tiles,
            inside.count,
            x + inside.start * c->input_width * c->input_channels,
            w + inside.before * c->kernel_width * c->depth * tiles->channels,
            b,
        };
        simref_convolve_row_f32(&windows, y);
    }
}

void simref_convolve_block_f32(const struct simref_convolution_f32 *c, const struct simref_tiles_f32 *tiles,
                               const float *x, const float *w, const float *b, float *y) {
    x += c->first_input;
    y += c->first_output;
    for (int32_t n = 0; n < c->batches; n++) {
        simref_convolve_image_f32(c, tiles, x, w, b, y);
        x += c->input_height * c->input_width * c->input_channels;
        y += c->output_image;
    }
}

void simref_convolve_clamp_f32(const struct simref_convolution_f32 *c, float *y) {
    const int joined = c->output_pixel == c->channels;
    const int32_t columns = joined ? 1 : c->output_width;
    const int32_t count = joined ? c->output_width * c->channels : c->channels;
    y += c->first_output;
    for (int32_t n = 0; n < c->batches; n++, y += c->output_image) {
        for (int32_t row = 0; row < c->output_height; row++) {
            for (int32_t column = 0; column < columns; column++) {
                simref_clamp_f32(y + row * c->output_row + column * c->output_pixel, count, c->low, c->high);
            }
        }
    }
}
