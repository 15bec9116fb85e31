#include "remainder_f32.h"

#include "float32.h"

#define SIMREF_SIGN 0x80000000u
#define SIMREF_INFINITY 0x7f800000u

/* The significand of a positive float32 with its leading bit at 2^23, where value = significand *
 * 2^(exponent - 150). */
static uint32_t simref_normalize(uint32_t magnitude, int32_t *exponent) {
    uint32_t significand = magnitude & 0x7fffffu;
    *exponent = (int32_t)(magnitude >> 23);
    if (*exponent != 0) {
        return significand | 0x800000u;
    }
    *exponent = 1;
    while ((significand & 0x800000u) == 0) {
        significand <<= 1;
        (*exponent)--;
    }
    return significand;
}

/* The float32 of significand * 2^(exponent - 150), which needs no rounding, as exponent is that of a float32.
 */
static uint32_t simref_denormalize(uint32_t significand, int32_t exponent) {
    if (significand == 0) {
        return 0;
    }
    while ((significand & 0x800000u) == 0) {
        significand <<= 1;
        exponent--;
    }
    if (exponent > 0) {
        return (significand & 0x7fffffu) | ((uint32_t)exponent << 23);
    }
    return significand >> (1 - exponent);
}

float simref_remainder_f32(float a, float b) {
    const uint32_t sign = simref_bits_of_f32(a) & SIMREF_SIGN;
    const uint32_t dividend = simref_bits_of_f32(a) ^ sign;
    const uint32_t divisor = simref_bits_of_f32(b) & ~SIMREF_SIGN;
    if (dividend >= SIMREF_INFINITY || divisor > SIMREF_INFINITY || divisor == 0) {
        return simref_f32_of_bits(0x7fc00000u);
    }
    if (dividend < divisor) {
        return a;
    }
    int32_t exponent, divisor_exponent;
    uint32_t rest = simref_normalize(dividend, &exponent);
    const uint32_t unit = simref_normalize(divisor, &divisor_exponent);
    /* Long division, one bit of the quotient at a time: rest stays below 2 * unit < 2^25. */
    for (; exponent > divisor_exponent; exponent--) {
        rest = (rest >= unit ? rest - unit : rest) << 1;
    }
    rest = rest >= unit ? rest - unit : rest;
    return simref_f32_of_bits(simref_denormalize(rest, divisor_exponent) | sign);
}

float simref_floor_remainder_f32(float a, float b) {
    const float remainder = simref_remainder_f32(a, b);
    return remainder != 0.0f && (remainder < 0.0f) != (b < 0.0f) ? remainder + b : remainder;
}
