/* Rounding multiplies of int8 networks, equal in every bit to the gemmlowp and TFLite functions they name.
 *
 * Two's complement and arithmetic right shifts of negative values are assumed, as gcc and clang define them.
 */
#ifndef SIMREF_FIXEDPOINT_H
#define SIMREF_FIXEDPOINT_H

#include <stdint.h>

/* Cores without a 32 x 32 -> 64 bit multiply (ARMv6-M, ARMv8-M Baseline) would call a library for it. */
#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
#define SIMREF_LONG_MULTIPLY 0
#else
#define SIMREF_LONG_MULTIPLY 1
#endif

static inline int32_t simref_clamp(int32_t x, int32_t low, int32_t high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/* floor((a * b + 2^30) / 2^31): gemmlowp SaturatingRoundingDoublingHighMul. The one product that would
 * saturate, INT32_MIN * INT32_MIN, is excluded: multipliers are at least -INT32_MAX. */
static inline int32_t simref_saturating_rounding_doubling_high_mul(int32_t a, int32_t b) {
#if SIMREF_LONG_MULTIPLY
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
#else
    /* a * b = high * 2^32 + cross * 2^16 + 16 bits that no rounding at bit 30 can see, from four 16-bit
     * products. |a_high * b_high| <= 2^30 and a_low * b_high <= 65535 * 32767, so no sum overflows. */
    const int32_t a_high = a >> 16;
    const int32_t b_high = b >> 16;
    const uint32_t a_low = (uint32_t)a & 0xffffu;
    const uint32_t b_low = (uint32_t)b & 0xffffu;
    const int32_t middle = a_high * (int32_t)b_low + (int32_t)((a_low * b_low) >> 16);
    const int32_t cross = (int32_t)a_low * b_high + (int32_t)((uint32_t)middle & 0xffffu);
    const int32_t high = a_high * b_high + (middle >> 16);
    return (int32_t)(2u * (uint32_t)high + (uint32_t)((cross + 0x4000) >> 15));
#endif
}

/* x / 2^exponent to nearest, ties away from zero, 0 <= exponent <= 31: gemmlowp RoundingDivideByPOT. */
static inline int32_t simref_rounding_divide_by_pot(int32_t x, int32_t exponent) {
    const int32_t mask = (int32_t)((1u << exponent) - 1u);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* x * multiplier * 2^(shift - 31), rounded twice: TFLite MultiplyByQuantizedMultiplier. */
static inline int32_t simref_multiply_by_quantized_multiplier(int32_t x, int32_t multiplier, int32_t shift) {
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    const int32_t shifted = (int32_t)((uint32_t)x << left);
    return simref_rounding_divide_by_pot(simref_saturating_rounding_doubling_high_mul(shifted, multiplier),
                                         right);
}

#endif
