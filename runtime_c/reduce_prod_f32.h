/* y = the product of x over some dimensions. */
#ifndef SIMREF_REDUCE_PROD_F32_H
#define SIMREF_REDUCE_PROD_F32_H

#include "reduce_walk.h"

struct simref_reduce_prod_f32_params {
    struct simref_reduce_walk walk;
};

void simref_reduce_prod_f32(const struct simref_reduce_prod_f32_params *p, const float *x, float *y);

#endif
