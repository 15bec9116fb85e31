/* y = the smallest x over some dimensions. */
#ifndef SIMREF_REDUCE_MIN_S8_H
#define SIMREF_REDUCE_MIN_S8_H

#include <stdint.h>

#include "reduce.h"

/* See reduce.h. */
struct simref_reduce_min_s8_params {
    int32_t count;
    int32_t step;
    int32_t reduced_count[SIMREF_REDUCED_LOOPS];
    int32_t reduced_advance[SIMREF_REDUCED_LOOPS];
    int32_t kept_count[SIMREF_KEPT_LOOPS];
    int32_t kept_advance[SIMREF_KEPT_LOOPS];
};

void simref_reduce_min_s8(const struct simref_reduce_min_s8_params *p, const int8_t *x, int8_t *y);

#endif
