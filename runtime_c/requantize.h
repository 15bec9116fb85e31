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

/* 2^30 + 2^(30 - shift), for shift < 0: one half for each of the two roundings of simref_scale. */
static inline int64_t simref_halves(int32_t shift) {
    return (int64_t)(((uint64_t)(1u << -shift) << 30) | (1u << 30));
}

/* simref_multiply_by_quantized_multiplier(x, multiplier, shift) for multiplier >= 0; halves =
 * simref_halves(shift).
 *
 * For shift < 0, with e = -shift, that is floor((r + 2^(e - 1) - (r < 0)) / 2^e) of
 * r = floor((x * multiplier + 2^30) / 2^31). Both floors are one when all is added before shifting; x < 0 may
 * stand for r < 0, as they differ only where r = 0, and then the result is 0 either way. The shift is at
 * least 32, so that the low word drops out. */
static inline int32_t simref_scale(int32_t x, int32_t multiplier, int32_t shift, int64_t halves) {
    if (shift >= 0) {
        return simref_saturating_rounding_doubling_high_mul((int32_t)((uint32_t)x << shift), multiplier);
    }
    /* -2^31 where x < 0. */
    const uint32_t sign = (uint32_t)(x >> 31);
    const int64_t below_zero = (int64_t)(((uint64_t)sign << 32) | ((uint32_t)x & 0x80000000u));
    const int64_t sum = simref_long_product(x, multiplier) + halves + below_zero;
    return (int32_t)(sum >> 32) >> (-1 - shift);
}

/* floor(x * multiplier * 2^(shift - 31) + 1/2) for multiplier >= 0; shifted left, x must fit int32. */
static inline int32_t simref_scale_once(int32_t x, int32_t multiplier, int32_t shift) {
    const int32_t right = shift < 0 ? -1 - shift : 0;
    x = (int32_t)((uint32_t)x << (shift < 0 ? 0 : shift + 1));
    const int64_t half = (int64_t)((uint64_t)(1u << right) << 31);
    return (int32_t)((simref_long_product(x, multiplier) + half) >> 32) >> right;
}

#endif
