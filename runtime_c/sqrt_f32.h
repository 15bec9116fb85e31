/* Square roots; sqrt is correctly rounded. */
#ifndef SIMREF_SQRT_F32_H
#define SIMREF_SQRT_F32_H

#include "float32.h"

#if SIMREF_FUSED
/* One instruction, given -fno-math-errno. */
static inline float simref_sqrt_f32(float x) {
    return __builtin_sqrtf(x);
}
#else
float simref_sqrt_f32(float x);
#endif

static inline float simref_rsqrt_f32(float x) {
    return 1.0f / simref_sqrt_f32(x);
}

#endif
