/* From int32 sums to int8: the end of every convolution and dense layer. */
#ifndef SIMREF_REQUANTIZE_H
#define SIMREF_REQUANTIZE_H

#include "fixedpoint.h"

/* a * b for b >= 0. Without a long multiply it is built from 16-bit pieces, and its low 16 bits are left
 * zero: no multiple of 2^30 that is added to it can carry out of them. */
static inline int64_t simref_long_product(int32_t a, int32_t b) {
#if SIMREF_LONG_MULTIPLY
    return (int64_t)a * b;
#else
    /* No sum overflows: each product lies within 2^15 * 2^16 of zero, and what is added is below 2^16. */
    const int32_t a_high = a >> 16;
    const int32_t b_high = b >> 16;
    const uint32_t a_low = (uint32_t)a & 0xffffu;
    const uint32_t b_low = (uint32_t)b & 0xffffu;
    const int32_t middle = a_high * (int32_t)b_low + (int32_t)((a_low * b_low) >> 16);
    const int32_t cross = (int32_t)a_low * b_high + (int32_t)((uint32_t)middle & 0xffffu);
    const int32_t high = a_high * b_high + (middle >> 16) + (cross >> 16);
    return (int64_t)(((uint64_t)(uint32_t)high << 32) | ((uint32_t)cross << 16));
#endif
}

/* simref_multiply_by_quantized_multiplier(x, multiplier, shift) for multiplier >= 0.
 *
 * For shift < 0, with e = -shift, that is floor((r + 2^(e - 1) - (r < 0)) / 2^e) of
 * r = floor((x * multiplier + 2^30) / 2^31). With a long multiply both floors become one, where all is added
 * before shifting: x < 0 may stand for r < 0, as they differ only where r = 0, and then the result is 0
 * either way; the shift is at least 32, so that the low word drops out. Without one, r is cheaper to have
 * than the 64-bit sum. */
static inline int32_t simref_scale(int32_t x, int32_t multiplier, int32_t shift) {
    if (shift >= 0) {
        return simref_saturating_rounding_doubling_high_mul((int32_t)((uint32_t)x << shift), multiplier);
    }
#if SIMREF_LONG_MULTIPLY
    const uint64_t halves = ((uint64_t)(1u << -shift) << 30) | (1u << 30);
    const uint64_t below_zero = ((uint64_t)(uint32_t)(x >> 31) << 32) | ((uint32_t)x & 0x80000000u);
    const int64_t sum = (int64_t)x * multiplier + (int64_t)halves + (int64_t)below_zero;
    return (int32_t)(sum >> 32) >> (-1 - shift);
#else
    const int32_t r = simref_saturating_rounding_doubling_high_mul(x, multiplier);
    return (((r + (r >> 31)) >> (-1 - shift)) + 1) >> 1;
#endif
}

/* floor(x * multiplier * 2^(shift - 31) + 1/2) for multiplier >= 0; shifted left, x must fit int32. */
static inline int32_t simref_scale_once(int32_t x, int32_t multiplier, int32_t shift) {
    const int32_t right = shift < 0 ? -1 - shift : 0;
    x = (int32_t)((uint32_t)x << (shift < 0 ? 0 : shift + 1));
    const int64_t half = (int64_t)((uint64_t)(1u << right) << 31);
    return (int32_t)((simref_long_product(x, multiplier) + half) >> 32) >> right;
}

static inline int8_t simref_saturate_s8(int32_t x) {
#if defined(__ARM_FEATURE_SAT)
    return (int8_t)__builtin_arm_ssat(x, 8);
#else
    return (int8_t)simref_clamp(x, INT8_MIN, INT8_MAX);
#endif
}

/* y[channels] of sums[channels], each channel with its multiplier and shift, as simref_scale rounds;
 * saturated. */
void simref_requantize_row(const int32_t *sums, int32_t channels, const int32_t *multiplier,
                           const int8_t *shift, int32_t zero_point, int8_t *y);

/* The same of two rows, whose channels share their scales; the second row's sums lie SIMREF_SECOND_ROW
 * further. */
enum { SIMREF_SECOND_ROW = 8 };
void simref_requantize_rows(const int32_t *sums, int32_t channels, const int32_t *multiplier,
                            const int8_t *shift, int32_t zero_point, int8_t *y0, int8_t *y1);

/* Clamps y[count] where a fused activation leaves less than all of int8, which is rare: the scale of an
 * output is chosen so that what it keeps spreads over the whole range. */
void simref_narrow(int8_t *y, int32_t count, int32_t low, int32_t high);

#endif
