#include "relu.h"

#include "float32.h"

/* Without a comparison of floats, which some cores call a library for: the bits of what is below zero lie
 * between those of the smallest negative number and minus infinity. */
static inline float simref_relu_f32(float x) {
    const uint32_t bits = simref_bits_of_f32(x);
    return simref_f32_of_bits(bits - 0x80000001u <= 0xff800000u - 0x80000001u ? 0 : bits);
}

SIMREF_DEFINE_UNARY(relu_array_f32, float, simref_relu_f32(x))
