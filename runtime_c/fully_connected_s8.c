#include "fully_connected_s8.h"

#include "requantize.h"

static inline int8_t simref_rounded_once(const struct simref_dense_s8 *d, const struct simref_channel *c,
                                         int32_t sum) {
    const int32_t y = simref_scale_once(simref_biased(c, sum), *c->multiplier, *c->shift);
    return (int8_t)simref_clamp(y + d->output_zero_point, d->low, d->high);
}

static void simref_dense_row(const struct simref_dense_s8 *d, const int8_t *x, const int8_t *w,
                             const int32_t *b, int8_t *y) {
    struct simref_channel c = simref_first_channel(d, b);
    int32_t left = d->channels;
    for (; left >= SIMREF_BLOCK; left -= SIMREF_BLOCK) {
        const struct simref_sums s = simref_dot_block(x, w, d->depth);
        const int32_t sums[SIMREF_BLOCK] = {s.c0, s.c1, s.c2, s.c3};
        for (int k = 0; k < SIMREF_BLOCK; k++) {
            *y++ = simref_rounded_once(d, &c, sums[k]);
            simref_next_channel(d, &c);
        }
        w += SIMREF_BLOCK * d->depth;
    }
    for (; left > 0; left--) {
        *y++ = simref_rounded_once(d, &c, simref_dot(x, w, d->depth));
        simref_next_channel(d, &c);
        w += d->depth;
    }
}

void simref_fully_connected_s8(const struct simref_fully_connected_s8_params *p, const int8_t *x,
                               const int8_t *w, const int32_t *b, int8_t *y) {
    const struct simref_dense_s8 *d = &p->dense;
    for (int32_t row = 0; row < p->rows; row++) {
        simref_dense_row(d, x, w, b, y);
        x += d->depth;
        y += d->channels;
    }
}
