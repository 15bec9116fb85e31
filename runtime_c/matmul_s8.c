#include "matmul_s8.h"

#include "dot_s8.h"
#include "requantize.h"

void simref_matmul_row_s8(const struct simref_dense_s8 *d, const int8_t *x, const int8_t *w, const int32_t *b,
                          int8_t *y) {
    const int32_t depth = d->depth;
    const int32_t whole = d->channels - d->channels % SIMREF_BLOCK;
    int32_t sums[SIMREF_BLOCK];
    for (int32_t k = 0; k < whole; k += SIMREF_BLOCK, w += SIMREF_BLOCK * depth) {
        simref_dot_1x8_s8(x, w, b + k, depth, sums);
        simref_requantize_row(sums, SIMREF_BLOCK, d->multiplier + k, d->shift + k, d->output_zero_point,
                              y + k);
    }
    const int32_t rest = d->channels - whole;
    if (rest > 0) {
        simref_dot_rest_s8(x, w, b + whole, depth, rest, sums);
        simref_requantize_row(sums, rest, d->multiplier + whole, d->shift + whole, d->output_zero_point,
                              y + whole);
    }
    simref_narrow(y, d->channels, d->low, d->high);
}

void simref_matmul_rows_s8(const struct simref_dense_s8 *d, const int8_t *x0, const int8_t *x1,
                           const int8_t *w, const int32_t *b, int8_t *y0, int8_t *y1) {
    const int32_t depth = d->depth;
    const int32_t whole = d->channels - d->channels % SIMREF_BLOCK;
    int32_t sums[2 * SIMREF_BLOCK];
    for (int32_t k = 0; k < whole; k += SIMREF_BLOCK, w += SIMREF_BLOCK * depth) {
        simref_dot_2x8_s8(x0, x1, w, b + k, depth, sums);
        simref_requantize_rows(sums, SIMREF_BLOCK, d->multiplier + k, d->shift + k, d->output_zero_point,
                               y0 + k, y1 + k);
    }
    const int32_t rest = d->channels - whole;
    if (rest > 0) {
        simref_dot_rest_s8(x0, w, b + whole, depth, rest, sums);
        simref_dot_rest_s8(x1, w, b + whole, depth, rest, sums + SIMREF_BLOCK);
        simref_requantize_rows(sums, rest, d->multiplier + whole, d->shift + whole, d->output_zero_point,
                               y0 + whole, y1 + whole);
    }
    simref_narrow(y0, d->channels, d->low, d->high);
    simref_narrow(y1, d->channels, d->low, d->high);
}
