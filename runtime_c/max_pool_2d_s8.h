/* The largest element of each window of an int8 image. */
#ifndef SIMREF_MAX_POOL_2D_S8_H
#define SIMREF_MAX_POOL_2D_S8_H

#include "pool_s8.h"

struct simref_max_pool_2d_s8_params {
    struct simref_pool_s8 pool;
};

void simref_max_pool_2d_s8(const struct simref_max_pool_2d_s8_params *p, const int8_t *x, int8_t *y);

#endif
