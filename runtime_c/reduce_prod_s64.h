/* y = the product of x over some dimensions; it wraps. */
#ifndef SIMREF_REDUCE_PROD_S64_H
#define SIMREF_REDUCE_PROD_S64_H

#include "reduce_walk.h"

struct simref_reduce_prod_s64_params {
    struct simref_reduce_walk walk;
};

void simref_reduce_prod_s64(const struct simref_reduce_prod_s64_params *p, const int64_t *x, int64_t *y);

#endif
