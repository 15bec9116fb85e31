/* The mean of each window of a float32 image: the sum, from +0.0 on in rows from left to right, divided once.
 */
#ifndef SIMREF_AVERAGE_POOL_2D_F32_H
#define SIMREF_AVERAGE_POOL_2D_F32_H

#include "pool_f32.h"

struct simref_average_pool_2d_f32_params {
    struct simref_pool_f32 pool;
};

void simref_average_pool_2d_f32(const struct simref_average_pool_2d_f32_params *p, const float *x, float *y);

#endif
