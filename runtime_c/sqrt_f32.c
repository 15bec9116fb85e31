#include "sqrt_f32.h"

#if !SIMREF_FUSED
/* The root of remainder / 2^24 in units of 2^-24, for 2^24 <= remainder < 2^26: 25 binary digits, rounded
 * to 24. */
static uint32_t simref_rounded_root(uint32_t remainder) {
    uint32_t root = 0;
    /* With R the root so far, (R + digit)^2 - R^2 = digit * (2 R + digit); the remainder is kept divided by
     * digit. */
    for (uint32_t digit = 1u << 24; digit != 0; digit >>= 1) {
        const uint32_t step = 2 * root + digit;
        if (step <= remainder) {
            remainder -= step;
            root += digit;
        }
        remainder <<= 1;
    }
    return (root + 1) >> 1; /* never a tie: its square would have 50 digits */
}

float simref_sqrt_f32(float x) {
    const uint32_t bits = simref_bits_of_f32(x);
    if (bits << 1 == 0 || bits == SIMREF_INFINITY_BITS) {
        return x;
    }
    if (bits > SIMREF_INFINITY_BITS) { /* NaN, or below 0 */
        return __builtin_nanf("");
    }
    uint32_t exponent = bits >> 23;
    uint32_t significand = bits & 0x7fffffu;
    if (exponent == 0) {
        const uint32_t shift = (uint32_t)__builtin_clz(significand) - 8;
        significand <<= shift;
        exponent = 1 - shift;
    } else {
        significand |= 0x800000u;
    }
    /* x = significand * 2^(exponent - 150) */
    const int32_t power = (int32_t)exponent - 127;
    const uint32_t root = simref_rounded_root(significand << (1 + (power & 1)));
    return simref_f32_of_bits(((uint32_t)((power >> 1) + 126) << 23) + root);
}
#endif
