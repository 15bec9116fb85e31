/* float32 to integer without a math library, alike on every core: with or without a floating-point unit. */
#ifndef SIMREF_ROUND_F32_H
#define SIMREF_ROUND_F32_H

#include <stdint.h>
#include <string.h>

#include "fixedpoint.h"

/* Arm cores without a floating-point unit call a library for each float operation: 100 to 400 instructions.
 */
#if defined(__arm__) && !defined(__ARM_FP)
#define SIMREF_SOFT_FLOAT 1
#else
#define SIMREF_SOFT_FLOAT 0
#endif

#define SIMREF_ROUND_F32_LIMIT (1 << 17)

/* x to the nearest integer, ties away from zero, saturated at +-2^17; 0 for a NaN. Works on the IEEE 754
 * bits. */
static inline int32_t simref_round_f32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t exponent = (bits >> 23) & 0xffu;
    int32_t magnitude;
    if (exponent < 126) { /* below 0.5 */
        return 0;
    }
    if (exponent >= 127 + 17) {
        magnitude = (bits << 1) > 0xff000000u ? 0 : SIMREF_ROUND_F32_LIMIT;
    } else {
        const uint32_t significand = (bits & 0x7fffffu) | 0x800000u;
        const uint32_t shift = 150 - exponent; /* 7 to 24 */
        magnitude = (int32_t)((significand + (1u << (shift - 1))) >> shift);
    }
    return (bits >> 31) != 0 ? -magnitude : magnitude;
}

#if SIMREF_SOFT_FLOAT
/* a * b / 2^32, at most 3 too small. */
static inline uint32_t simref_high_product(uint32_t a, uint32_t b) {
#if SIMREF_LONG_MULTIPLY
    return (uint32_t)(((uint64_t)a * b) >> 32);
#else
    const uint32_t a_high = a >> 16, a_low = a & 0xffffu;
    const uint32_t b_high = b >> 16, b_low = b & 0xffffu;
    return a_high * b_high + ((a_high * b_low) >> 16) + ((a_low * b_high) >> 16);
#endif
}
#endif

/* The float32 quotient x / scale to the nearest integer, as simref_round_f32 rounds it.
 *
 * reciprocal, exponent: for scale = s * 2^(exponent - 150), 2^23 <= s < 2^24, the floor of 2^54 / s, and
 * exponent.
 *
 * Without a floating-point unit the magnitude is (significand of x / s) * 2^power, and the product with the
 * reciprocal is that ratio times 2^30, at most 5 too small. A float32 quotient lies within 64 such units of
 * the true one. If 70 units more would not reach the next integer, both round to the same; else the division
 * decides. A quotient just above a tie is no danger: the tie itself is a float32, so rounding cannot take the
 * quotient below it. */
static inline int32_t simref_round_quotient_f32(float x, float scale, uint32_t reciprocal, int32_t exponent) {
#if SIMREF_SOFT_FLOAT
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t x_exponent = (int32_t)((bits >> 23) & 0xffu);
    const int32_t power = x_exponent - exponent;
    if (x_exponent != 0 && x_exponent != 255 && power < 17) {
        if (power < -1) {
            return 0;
        }
        const uint32_t shift = (uint32_t)(30 - power);
        const uint32_t ratio = simref_high_product((bits << 8) | 0x80000000u, reciprocal);
        const uint32_t sum = ratio + (1u << (shift - 1));
        const uint32_t magnitude = sum >> shift;
        if ((sum + 70) >> shift == magnitude) {
            return (bits >> 31) != 0 ? -(int32_t)magnitude : (int32_t)magnitude;
        }
    }
#else
    (void)reciprocal;
    (void)exponent;
#endif
    return simref_round_f32(x / scale);
}

#endif
