/* y = the largest x over some dimensions. */
#ifndef SIMREF_REDUCE_MAX_S64_H
#define SIMREF_REDUCE_MAX_S64_H

#include "reduce_walk.h"

struct simref_reduce_max_s64_params {
    struct simref_reduce_walk walk;
};

void simref_reduce_max_s64(const struct simref_reduce_max_s64_params *p, const int64_t *x, int64_t *y);

#endif
