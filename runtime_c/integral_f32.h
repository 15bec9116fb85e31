/* float32 rounded to integers, as float32: NaN, infinities and the sign of zero pass. */
#ifndef SIMREF_INTEGRAL_F32_H
#define SIMREF_INTEGRAL_F32_H

#include "float32.h"

/* Towards zero: clears the bits below one. */
static inline float simref_trunc_f32(float x) {
    const uint32_t bits = simref_bits_of_f32(x);
    const uint32_t exponent = (bits >> 23) & 0xffu;
    if (exponent >= 150) {
        return x;
    }
    const uint32_t kept = exponent < 127 ? 0x80000000u : ~(0x7fffffu >> (exponent - 127));
    return simref_f32_of_bits(bits & kept);
}

static inline float simref_floor_f32(float x) {
    const float whole = simref_trunc_f32(x);
    return whole > x ? whole - 1.0f : whole;
}

/* -0.0 between -1 and 0, where trunc has that sign already. */
static inline float simref_ceil_f32(float x) {
    const float whole = simref_trunc_f32(x);
    return whole < x ? whole + 1.0f : whole;
}

/* Ties to even: a sum of at least 2^23 has no bits below one. */
static inline float simref_round_even_f32(float x) {
    const uint32_t sign = simref_bits_of_f32(x) & 0x80000000u;
    const float magnitude = simref_f32_of_bits(simref_bits_of_f32(x) ^ sign);
    if (!(magnitude < 8388608.0f)) {
        return x;
    }
    const float rounded = (magnitude + 8388608.0f) - 8388608.0f;
    return simref_f32_of_bits(simref_bits_of_f32(rounded) | sign);
}

#endif
