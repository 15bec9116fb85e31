/* y = the product of x over some dimensions; it wraps. */
#ifndef SIMREF_REDUCE_PROD_S32_H
#define SIMREF_REDUCE_PROD_S32_H

#include "reduce_walk.h"

struct simref_reduce_prod_s32_params {
    struct simref_reduce_walk walk;
};

void simref_reduce_prod_s32(const struct simref_reduce_prod_s32_params *p, const int32_t *x, int32_t *y);

#endif
