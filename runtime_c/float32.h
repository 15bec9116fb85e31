/* float32 arithmetic with one result on every machine, equal in every bit to simref/float32.py.
 *
 * Where a core has a floating-point unit the sum of a product is rounded once, else after the product and
 * again after the sum. Contraction must be off (-ffp-contract=off) and subnormals kept (FPSCR.FZ = 0, as
 * after reset).
 */
#ifndef SIMREF_FLOAT32_H
#define SIMREF_FLOAT32_H

#include <stdint.h>
#include <string.h>

/* 1: multiply and add fused. Define it to compute on one machine what another one would. */
#ifndef SIMREF_FUSED
#ifdef __ARM_FEATURE_FMA
#define SIMREF_FUSED 1
#else
#define SIMREF_FUSED 0
#endif
#endif

#define SIMREF_INFINITY_BITS 0x7f800000u
#define SIMREF_SIGN 0x80000000u

/* a * b + c */
static inline float simref_fma_f32(float a, float b, float c) {
#if SIMREF_FUSED
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

static inline uint32_t simref_bits_of_f32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float simref_f32_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
