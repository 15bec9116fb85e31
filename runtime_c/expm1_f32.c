#include "expm1_f32.h"

#include "exp_parts_f32.h"

float simref_expm1_f32(float x) {
    if (x < SIMREF_EXPM1_LOWEST) {
        return -1.0f;
    }
    if (x == 0.0f) {
        return x;
    }
    int32_t n;
    const float p = simref_exp_parts_f32(x > SIMREF_EXP_HIGHEST ? SIMREF_EXP_HIGHEST : x, &n);
    /* 1 - 2^-n is exact, or so near to 1 or so large that p matters no more. */
    return simref_scaled_f32(p + (1.0f - simref_power_of_two_f32(n < 26 ? -n : -26)), n);
}
