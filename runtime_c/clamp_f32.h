/* The activation that ends a layer of float32: a clamp. */
#ifndef SIMREF_CLAMP_F32_H
#define SIMREF_CLAMP_F32_H

#include <stdint.h>

/* y = x < low ? low : x, then y > high ? high : y, so that a NaN stays. Infinite bounds cost nothing. */
void simref_clamp_f32(float *y, int32_t count, float low, float high);

#endif
