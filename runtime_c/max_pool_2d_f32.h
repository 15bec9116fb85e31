/* The largest element of each window of a float32 image; a NaN is never the larger one. */
#ifndef SIMREF_MAX_POOL_2D_F32_H
#define SIMREF_MAX_POOL_2D_F32_H

#include "pool_f32.h"

struct simref_max_pool_2d_f32_params {
    struct simref_pool_f32 pool;
};

void simref_max_pool_2d_f32(const struct simref_max_pool_2d_f32_params *p, const float *x, float *y);

#endif
