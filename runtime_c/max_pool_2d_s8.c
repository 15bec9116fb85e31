#include "max_pool_2d_s8.h"

static inline int32_t simref_larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static void simref_max_channel(const struct simref_pool_s8 *p, const struct simref_window *window,
                               int32_t channel, int8_t *y) {
    const int8_t *x = window->x + channel;
    const int32_t next = (p->input_width - window->columns) * p->channels;
    int32_t largest = p->low;
    for (int32_t row = 0; row < window->rows; row++, x += next) {
        for (int32_t column = 0; column < window->columns; column++, x += p->channels) {
            largest = simref_larger(largest, *x);
        }
    }
    y[channel] = (int8_t)(largest < p->high ? largest : p->high);
}

/* Four neighbouring channels, which lie side by side in each pixel. */
static void simref_max_channels(const struct simref_pool_s8 *p, const struct simref_window *window,
                                int32_t channel, int8_t *y) {
    const int8_t *x = window->x + channel;
    const int32_t next = (p->input_width - window->columns) * p->channels;
    int32_t c0 = p->low, c1 = p->low, c2 = p->low, c3 = p->low;
    for (int32_t row = 0; row < window->rows; row++, x += next) {
        for (int32_t column = 0; column < window->columns; column++, x += p->channels) {
            c0 = simref_larger(c0, x[0]);
            c1 = simref_larger(c1, x[1]);
            c2 = simref_larger(c2, x[2]);
            c3 = simref_larger(c3, x[3]);
        }
    }
    const int32_t largest[4] = {c0, c1, c2, c3};
    for (int32_t k = 0; k < 4; k++) {
        y[channel + k] = (int8_t)(largest[k] < p->high ? largest[k] : p->high);
    }
}

static void simref_max_pixel(const struct simref_pool_s8 *p, const struct simref_window *window, int8_t *y) {
    int32_t channel = 0;
    for (; channel + 4 <= p->channels; channel += 4) {
        simref_max_channels(p, window, channel, y);
    }
    for (; channel < p->channels; channel++) {
        simref_max_channel(p, window, channel, y);
    }
}

void simref_max_pool_2d_s8(const struct simref_max_pool_2d_s8_params *p, const int8_t *x, int8_t *y) {
    simref_pool(&p->pool, x, y, simref_max_pixel);
}
