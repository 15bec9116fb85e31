#include "max_pool_2d_f32.h"

static inline float simref_larger_f32(float x, float largest) {
    return x > largest ? x : largest;
}

static void simref_max_channel_f32(const struct simref_window_f32 *window, const float *x, float *y) {
    float largest = -__builtin_inff();
    for (int32_t row = 0; row < window->rows; row++, x += window->row_step) {
        for (int32_t column = 0; column < window->columns; column++, x += window->column_step) {
            largest = simref_larger_f32(*x, largest);
        }
    }
    *y = largest;
}

/* Four neighbouring channels, which lie side by side in each pixel. */
static void simref_max_channels_f32(const struct simref_window_f32 *window, const float *x, float *y) {
    float c0 = -__builtin_inff(), c1 = c0, c2 = c0, c3 = c0;
    for (int32_t row = 0; row < window->rows; row++, x += window->row_step) {
        for (int32_t column = 0; column < window->columns; column++, x += window->column_step) {
            c0 = simref_larger_f32(x[0], c0);
            c1 = simref_larger_f32(x[1], c1);
            c2 = simref_larger_f32(x[2], c2);
            c3 = simref_larger_f32(x[3], c3);
        }
    }
    y[0] = c0;
    y[1] = c1;
    y[2] = c2;
    y[3] = c3;
}

static void simref_max_pixel_f32(const struct simref_window_f32 *window, int32_t channels, float *y) {
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) {
        simref_max_channels_f32(window, window->x + c, y + c);
    }
    for (; c < channels; c++) {
        simref_max_channel_f32(window, window->x + c, y + c);
    }
}

void simref_max_pool_2d_f32(const struct simref_max_pool_2d_f32_params *p, const float *x, float *y) {
    simref_pool_images_f32(&p->pool, x, y, simref_max_pixel_f32);
}
