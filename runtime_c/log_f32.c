#include "log_f32.h"

#include "constants_f32.h"
#include "float32.h"

float simref_log_parts_f32(float x, int32_t exponent, float addend) {
    const uint32_t bits = simref_bits_of_f32(x);
    if (bits << 1 == 0) {
        return -__builtin_inff();
    }
    if (bits >= SIMREF_INFINITY_BITS) { /* or below 0 */
        return bits == SIMREF_INFINITY_BITS ? x : __builtin_nanf("");
    }
    /* x = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt(2) */
    const int32_t e = (int32_t)(bits - SIMREF_SQRT_HALF_BITS) >> 23;
    const float f = simref_f32_of_bits(bits - ((uint32_t)e << 23)) - 1.0f;
    const float n = (float)(e + exponent);
    const float square = f * f;
    float low = simref_fma_f32(n, SIMREF_LN2_LOW, addend);
    low = simref_fma_f32(square * f, simref_log_polynomial_f32(f), low);
    low = simref_fma_f32(square, -0.5f, low);
    return simref_fma_f32(n, SIMREF_LN2_HIGH, f + low);
}

float simref_log_f32(float x) {
    if (simref_bits_of_f32(x) - 1u < 0x7fffffu) { /* subnormal */
        return simref_log_parts_f32(x * 8388608.0f, -23, 0.0f);
    }
    return simref_log_parts_f32(x, 0, 0.0f);
}
