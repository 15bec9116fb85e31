/* The bits of IEEE 754's binary16, which C99 has no type for: rounded to nearest, ties to even. */
#ifndef SIMREF_FLOAT16_H
#define SIMREF_FLOAT16_H

#include "float32.h"

#define SIMREF_F16_INFINITY 0x7c00u
#define SIMREF_F16_NAN 0x7e00u

static inline float simref_f32_of_f16(uint16_t x) {
    const uint32_t sign = (x & 0x8000u) << 16, digits = x & 0x7fffu;
    if (digits < 0x400u) { /* subnormal: in units of 2^-24 */
        return simref_f32_of_bits(sign | simref_bits_of_f32((float)digits * 0x1p-24f));
    }
    /* Exponents are biased by 127, not 15; that of infinity and NaN is the largest. */
    const uint32_t bias = digits < SIMREF_F16_INFINITY ? 112u << 23 : 224u << 23;
    return simref_f32_of_bits(sign | ((digits << 13) + bias));
}

static inline uint16_t simref_f16_of_f32(float x) {
    const uint32_t bits = simref_bits_of_f32(x), sign = (bits & SIMREF_SIGN) >> 16, a = bits & ~SIMREF_SIGN;
    uint32_t digits;
    if (a < 0x38800000u) { /* below 2^-14: the sum has a last digit of 2^-24 */
        digits = simref_bits_of_f32(simref_f32_of_bits(a) + 0.5f) - 0x3f000000u;
    } else if (a < 0x47800000u) { /* below 2^16; what is rounded up to it has the bits of infinity */
        digits = (a - (112u << 23) + 0xfffu + ((a >> 13) & 1u)) >> 13;
    } else {
        digits = a > SIMREF_INFINITY_BITS ? SIMREF_F16_NAN : SIMREF_F16_INFINITY;
    }
    return (uint16_t)(sign | digits);
}

/* Rounded once: not by way of a float. */
static inline uint16_t simref_f16_of_f64(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    /* A float with the double's first digits, the last one set where the others are not all 0, rounds like
     * it. */
    const uint64_t a = bits & 0x7fffffffffffffffu;
    const uint32_t sign = (uint32_t)(bits >> 32) & SIMREF_SIGN;
    if (a >= 0x40f0000000000000u) { /* 2^16 and above */
        return (uint16_t)(sign >> 16 | (a > 0x7ff0000000000000u ? SIMREF_F16_NAN : SIMREF_F16_INFINITY));
    }
    if (a < 0x3e00000000000000u) { /* below 2^-31 */
        return (uint16_t)(sign >> 16);
    }
    const uint32_t first = (uint32_t)((a - (896ull << 52)) >> 29), sticky = (a & 0x1fffffffu) != 0;
    return simref_f16_of_f32(simref_f32_of_bits(sign | first | sticky));
}

#endif
