/*
 * Two functions of the Arm run-time ABI (RTABI, section 4.1.2) that compute floats in software, and that
 * zig's runtime library (0.15) gets wrong: its a > b holds a NaN for greater than any number, and its
 * division gives 0 in place of a subnormal. A linker prefers these. gcc's library is right.
 */
#include <stdint.h>
#include <string.h>

#if defined(__clang__) && defined(__arm__) && !defined(__ARM_FP)
#define SIMREF_INFINITY_BITS 0x7f800000u
#define SIMREF_SIGN 0x80000000u

int32_t __aeabi_fcmpgt(float a, float b);
float __aeabi_fdiv(float a, float b);

static uint32_t simref_bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float simref_float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The bits in the order of the numbers; both zeros are 0. */
static int32_t simref_ordered(uint32_t bits) {
    const int32_t magnitude = (int32_t)(bits & ~SIMREF_SIGN);
    return (bits & SIMREF_SIGN) != 0 ? -magnitude : magnitude;
}

int32_t __aeabi_fcmpgt(float a, float b) {
    const uint32_t left = simref_bits_of(a), right = simref_bits_of(b);
    const int comparable =
        (left & ~SIMREF_SIGN) <= SIMREF_INFINITY_BITS && (right & ~SIMREF_SIGN) <= SIMREF_INFINITY_BITS;
    return comparable && simref_ordered(left) > simref_ordered(right);
}

/* significand * 2^(exponent - 150), 2^23 <= significand < 2^24, of a positive number's bits */
static uint32_t simref_significand_of(uint32_t bits, int32_t *exponent) {
    *exponent = (int32_t)(bits >> 23);
    if (*exponent != 0) {
        return (bits & 0x7fffffu) | 0x800000u;
    }
    const int32_t shift = __builtin_clz(bits) - 8;
    *exponent = 1 - shift;
    return bits << shift;
}

/* The bits of a / b for positive finite numbers. */
static uint32_t simref_quotient_of(uint32_t a, uint32_t b) {
    int32_t a_exponent, b_exponent;
    uint32_t remainder = simref_significand_of(a, &a_exponent);
    const uint32_t divisor = simref_significand_of(b, &b_exponent);
    int32_t exponent = a_exponent - b_exponent + 127;
    if (remainder < divisor) {
        remainder <<= 1;
        exponent--;
    }
    uint32_t quotient = 0; /* of 25 digits: the last is for rounding */
    for (int digit = 0; digit < 25; digit++) {
        quotient <<= 1;
        if (remainder >= divisor) {
            remainder -= divisor;
            quotient |= 1u;
        }
        remainder <<= 1;
    }
    if (exponent > 254) {
        return SIMREF_INFINITY_BITS;
    }
    const int32_t shift = exponent > 0 ? 1 : exponent > -25 ? 2 - exponent : 26;
    const uint32_t kept = quotient >> shift;
    const uint32_t half = 1u << (shift - 1), below = quotient & (half - 1);
    const uint32_t up = (quotient & half) != 0 && (below | remainder | (kept & 1u)) != 0;
    return (exponent > 0 ? (uint32_t)(exponent - 1) << 23 : 0u) + kept + up;
}

float __aeabi_fdiv(float a, float b) {
    const uint32_t sign = (simref_bits_of(a) ^ simref_bits_of(b)) & SIMREF_SIGN;
    const uint32_t left = simref_bits_of(a) & ~SIMREF_SIGN, right = simref_bits_of(b) & ~SIMREF_SIGN;
    if (left > SIMREF_INFINITY_BITS || right > SIMREF_INFINITY_BITS ||
        (left == right && (left == 0 || left == SIMREF_INFINITY_BITS))) {
        return __builtin_nanf("");
    }
    if (left == SIMREF_INFINITY_BITS || right == 0) {
        return simref_float_of(sign | SIMREF_INFINITY_BITS);
    }
    if (left == 0 || right == SIMREF_INFINITY_BITS) {
        return simref_float_of(sign);
    }
    return simref_float_of(sign | simref_quotient_of(left, right));
}
#endif
