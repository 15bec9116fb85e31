#include "average_pool_2d_s8.h"

#include "fixedpoint.h"

/* sum / count to the nearest integer, ties away from zero. */
static inline int8_t simref_mean(const struct simref_pool_s8 *p, int32_t sum, int32_t count) {
    const int32_t half = count / 2;
    const int32_t mean = (sum > 0 ? sum + half : sum - half) / count;
    return (int8_t)simref_clamp(mean, p->low, p->high);
}

static void simref_average_channel(const struct simref_pool_s8 *p, const struct simref_window *window,
                                   int32_t channel, int8_t *y) {
    const int8_t *x = window->x + channel;
    const int32_t next = (p->input_width - window->columns) * p->channels;
    int32_t sum = 0;
    for (int32_t row = 0; row < window->rows; row++, x += next) {
        for (int32_t column = 0; column < window->columns; column++, x += p->channels) {
            sum += *x;
        }
    }
    y[channel] = simref_mean(p, sum, window->rows * window->columns);
}

/* Four neighbouring channels, which lie side by side in each pixel. */
static void simref_average_channels(const struct simref_pool_s8 *p, const struct simref_window *window,
                                    int32_t channel, int8_t *y) {
    const int8_t *x = window->x + channel;
    const int32_t next = (p->input_width - window->columns) * p->channels;
    const int32_t count = window->rows * window->columns;
    int32_t c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    for (int32_t row = 0; row < window->rows; row++, x += next) {
        for (int32_t column = 0; column < window->columns; column++, x += p->channels) {
            c0 += x[0];
            c1 += x[1];
            c2 += x[2];
            c3 += x[3];
        }
    }
    y[channel] = simref_mean(p, c0, count);
    y[channel + 1] = simref_mean(p, c1, count);
    y[channel + 2] = simref_mean(p, c2, count);
    y[channel + 3] = simref_mean(p, c3, count);
}

static void simref_average_pixel(const struct simref_pool_s8 *p, const struct simref_window *window,
                                 int8_t *y) {
    int32_t channel = 0;
    for (; channel + 4 <= p->channels; channel += 4) {
        simref_average_channels(p, window, channel, y);
    }
    for (; channel < p->channels; channel++) {
        simref_average_channel(p, window, channel, y);
    }
}

void simref_average_pool_2d_s8(const struct simref_average_pool_2d_s8_params *p, const int8_t *x, int8_t *y) {
    simref_pool(&p->pool, x, y, simref_average_pixel);
}
