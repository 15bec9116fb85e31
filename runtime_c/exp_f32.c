#include "exp_f32.h"

#include "exp_parts_f32.h"

/* y * 2^n for 1/2 < y < 2 or a NaN, whose n is far off. */
static float simref_scaled_near_1(float y, int32_t n) {
    if (n > -126 && n < 127) {
        return simref_f32_of_bits(simref_bits_of_f32(y) + ((uint32_t)n << 23));
    }
    return simref_scaled_f32(y, n);
}

float simref_exp_f32(float x) {
    int32_t n;
    const float within = x < SIMREF_EXP_LOWEST    ? SIMREF_EXP_LOWEST
                         : x > SIMREF_EXP_HIGHEST ? SIMREF_EXP_HIGHEST
                                                  : x;
    const float p = simref_exp_parts_f32(within, &n);
    return simref_scaled_near_1(1.0f + p, n);
}

float simref_exp_and_rest_f32(float x, float *rest) {
    int32_t n;
    const float p = simref_exp_parts_f32(x < SIMREF_EXP_LOWEST ? SIMREF_EXP_LOWEST : x, &n);
    const float y = 1.0f + p;
    *rest = simref_scaled_f32(p - (y - 1.0f), n);
    return simref_scaled_near_1(y, n);
}
