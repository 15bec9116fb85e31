#include "mish.h"

#include "exp_f32.h"

/* tanh(ln(1 + e)) = n / (n + 2) where n = e * (e + 2); from 20 on it is 1. */
static inline float simref_mish_f32(float x) {
    const float e = simref_exp_f32(x > 20.0f ? 20.0f : x);
    const float n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}

SIMREF_DEFINE_UNARY(mish_array_f32, float, simref_mish_f32(x))
