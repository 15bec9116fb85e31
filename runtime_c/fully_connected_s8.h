/* A dense layer of int8, rounded once. */
#ifndef SIMREF_FULLY_CONNECTED_S8_H
#define SIMREF_FULLY_CONNECTED_S8_H

#include "dense_s8.h"

/* x: rows of dense.depth, y: rows of dense.channels. dense.multiplier and dense.shift are chosen such that
 * floor(sum * multiplier * 2^(shift - 31) + 1/2) is the output less its zero point. per_channel: 1 where each
 * channel has its own, 0 where all share one. */
struct simref_fully_connected_s8_params {
    int32_t rows;
    int32_t per_channel;
    struct simref_dense_s8 dense;
};

/* w and b as in dot_s8.h and dense_s8.h. */
void simref_fully_connected_s8(const struct simref_fully_connected_s8_params *p, const int8_t *x,
                               const int8_t *w, const int32_t *b, int8_t *y);

#endif
