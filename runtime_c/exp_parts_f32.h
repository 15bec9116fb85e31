/* The steps that exp and expm1 share: x = n ln 2 + r, |r| <= ln(2) / 2. */
#ifndef SIMREF_EXP_PARTS_F32_H
#define SIMREF_EXP_PARTS_F32_H

#include "constants_f32.h"
#include "float32.h"

/* 2^n, -127 < n < 128; anything for other n, which only a NaN gives. */
static inline float simref_power_of_two_f32(int32_t n) {
    return simref_f32_of_bits(((uint32_t)n + 127u) << 23);
}

/* x * 2^n in two steps, because 2^128 and 2^-150 are no float32. */
static inline float simref_scaled_f32(float x, int32_t n) {
    return x * simref_power_of_two_f32(n >> 1) * simref_power_of_two_f32(n - (n >> 1));
}

/* e^r - 1 for |r| <= ln(2) / 2 */
static inline float simref_expm1_near_0_f32(float r) {
    return simref_fma_f32(r * r, simref_exp_polynomial_f32(r), r);
}

/* e^r - 1, and n. */
static inline float simref_exp_parts_f32(float x, int32_t *n) {
    const float shifted = simref_fma_f32(x, SIMREF_LOG2_E, SIMREF_ROUND);
    const float whole = shifted - SIMREF_ROUND;
    const float r = simref_fma_f32(whole, -SIMREF_LN2_LOW, simref_fma_f32(whole, -SIMREF_LN2_HIGH, x));
    *n = (int32_t)(simref_bits_of_f32(shifted) - simref_bits_of_f32(SIMREF_ROUND));
    return simref_expm1_near_0_f32(r);
}

#endif
