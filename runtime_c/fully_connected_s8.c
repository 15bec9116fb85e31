#include "fully_connected_s8.h"

#include "dot_s8.h"
#include "requantize.h"

/* Channels first to first + count - 1 of one row, from their sums. */
static void simref_round_once(const struct simref_fully_connected_s8_params *p, const int32_t *sums,
                              int32_t first, int32_t count, int8_t *y) {
    const int32_t *multiplier = p->dense.multiplier + first * p->per_channel;
    const int8_t *shift = p->dense.shift + first * p->per_channel;
    const int32_t zero_point = p->dense.output_zero_point;
    for (int32_t k = 0; k < count; k++) {
        *y++ = simref_saturate_s8(simref_scale_once(sums[k], *multiplier, *shift) + zero_point);
        multiplier += p->per_channel;
        shift += p->per_channel;
    }
}

static void simref_dense_row(const struct simref_fully_connected_s8_params *p, const int8_t *x,
                             const int8_t *w, const int32_t *b, int8_t *y) {
    const struct simref_dense_s8 *d = &p->dense;
    const int32_t whole = d->channels - d->channels % SIMREF_BLOCK;
    int32_t sums[SIMREF_BLOCK];
    for (int32_t k = 0; k < whole; k += SIMREF_BLOCK, w += SIMREF_BLOCK * d->depth) {
        simref_dot_1x8_s8(x, w, b + k, d->depth, sums);
        simref_round_once(p, sums, k, SIMREF_BLOCK, y + k);
    }
    if (whole < d->channels) {
        simref_dot_rest_s8(x, w, b + whole, d->depth, d->channels - whole, sums);
        simref_round_once(p, sums, whole, d->channels - whole, y + whole);
    }
    simref_narrow(y, d->channels, d->low, d->high);
}

void simref_fully_connected_s8(const struct simref_fully_connected_s8_params *p, const int8_t *x,
                               const int8_t *w, const int32_t *b, int8_t *y) {
    for (int32_t row = 0; row < p->rows; row++) {
        simref_dense_row(p, x, w, b, y);
        x += p->dense.depth;
        y += p->dense.channels;
    }
}
