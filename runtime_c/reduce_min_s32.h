/* y = the smallest x over some dimensions. */
#ifndef SIMREF_REDUCE_MIN_S32_H
#define SIMREF_REDUCE_MIN_S32_H

#include "reduce_walk.h"

struct simref_reduce_min_s32_params {
    struct simref_reduce_walk walk;
};

void simref_reduce_min_s32(const struct simref_reduce_min_s32_params *p, const int32_t *x, int32_t *y);

#endif
