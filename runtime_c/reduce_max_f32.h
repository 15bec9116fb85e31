/* y = the largest x over some dimensions. */
#ifndef SIMREF_REDUCE_MAX_F32_H
#define SIMREF_REDUCE_MAX_F32_H

#include "reduce_walk.h"

struct simref_reduce_max_f32_params {
    struct simref_reduce_walk walk;
};

void simref_reduce_max_f32(const struct simref_reduce_max_f32_params *p, const float *x, float *y);

#endif
