/* y = the sum of x over some dimensions, and that divided. */
#ifndef SIMREF_REDUCE_SUM_F32_H
#define SIMREF_REDUCE_SUM_F32_H

#include "reduce_walk.h"

/* divisor: what each sum is divided by, 1 for none. */
struct simref_reduce_sum_f32_params {
    struct simref_reduce_walk walk;
    float divisor;
};

void simref_reduce_sum_f32(const struct simref_reduce_sum_f32_params *p, const float *x, float *y);

#endif
