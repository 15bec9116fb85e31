#include "average_pool_2d_f32.h"

static void simref_average_channel_f32(const struct simref_window_f32 *window, const float *x, float *y) {
    float sum = 0.0f;
    for (int32_t row = 0; row < window->rows; row++, x += window->row_step) {
        for (int32_t column = 0; column < window->columns; column++, x += window->column_step) {
            sum += *x;
        }
    }
    *y = sum / window->taps;
}

/* Four neighbouring channels, which lie side by side in each pixel. */
static void simref_average_channels_f32(const struct simref_window_f32 *window, const float *x, float *y) {
    float c0 = 0.0f, c1 = 0.0f, c2 = 0.0f, c3 = 0.0f;
    for (int32_t row = 0; row < window->rows; row++, x += window->row_step) {
        for (int32_t column = 0; column < window->columns; column++, x += window->column_step) {
            c0 += x[0];
            c1 += x[1];
            c2 += x[2];
            c3 += x[3];
        }
    }
    y[0] = c0 / window->taps;
    y[1] = c1 / window->taps;
    y[2] = c2 / window->taps;
    y[3] = c3 / window->taps;
}

static void simref_average_pixel_f32(const struct simref_window_f32 *window, int32_t channels, float *y) {
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) {
        simref_average_channels_f32(window, window->x + c, y + c);
    }
    for (; c < channels; c++) {
        simref_average_channel_f32(window, window->x + c, y + c);
    }
}

void simref_average_pool_2d_f32(const struct simref_average_pool_2d_f32_params *p, const float *x, float *y) {
    simref_pool_images_f32(&p->pool, x, y, simref_average_pixel_f32);
}
