/* x^y as 2^(y log2 x); the logarithm and the product are integers, which have digits enough. */
#include "pow_f32.h"

#include "exp_parts_f32.h"

#define SIMREF_ONE_BITS 0x3f800000u
/* More than any exponent of a float, in units of 2^-36. */
#define SIMREF_HUGE_Q36 (200ll << 36)

static uint32_t simref_significand_of(uint32_t bits) {
    return (bits & 0x7fffffu) | 0x800000u;
}

/* log2 x in units of 2^-place for the bits of a positive number; place: 60 near 1, to lose no digit. */
static int64_t simref_log2_of(uint32_t bits, int32_t *place) {
    static const int64_t polynomial[] = {SIMREF_LOG2_POLYNOMIAL_Q36};
    int32_t e = 0;
    if (bits < 0x800000u) { /* subnormal */
        bits = simref_bits_of_f32(simref_f32_of_bits(bits) * 8388608.0f);
        e = -23;
    }
    const int32_t step = (int32_t)(bits - SIMREF_SQRT_HALF_BITS) >> 23;
    const uint32_t mantissa = bits - ((uint32_t)step << 23);
    e += step;
    /* x = 2^e (1 + f), f in units of 2^-24. */
    const int32_t f = (int32_t)(simref_significand_of(mantissa) << ((mantissa >> 23) - 126)) - (1 << 24);
    int64_t quotient = polynomial[0];
    for (uint32_t k = 1; k < sizeof polynomial / sizeof *polynomial; k++) {
        quotient = ((quotient * f) >> 24) + polynomial[k];
    }
    *place = e == 0 ? 60 : 52;
    return e == 0 ? f * quotient : ((f * quotient) >> 8) + e * (1ll << 52);
}

/* |y log2 x| in units of 2^-36, at most SIMREF_HUGE_Q36, for the bits of positive numbers, x not 1. */
static int64_t simref_exponent_of(uint32_t x, uint32_t y) {
    int32_t place;
    const int64_t log2 = simref_log2_of(x, &place);
    const uint64_t digits = (uint64_t)(log2 < 0 ? -log2 : log2);
    const int32_t zeros = __builtin_clzll(digits);
    /* 39 digits by 24 digits; the product is at least 2^61. */
    const uint64_t product = ((digits << (zeros - 1)) >> 24) * simref_significand_of(y);
    const int32_t shift = place + zeros + 89 - (int32_t)(y >> 23);
    if (shift < 17) {
        return SIMREF_HUGE_Q36;
    }
    const int64_t within = (int64_t)(product >> (shift > 63 ? 63 : shift));
    return within > SIMREF_HUGE_Q36 ? SIMREF_HUGE_Q36 : within;
}

/* Whether a number of these bits without the sign, not 0, is no integer, and whether it is an odd one. */
static int simref_is_fractional(uint32_t bits, int *odd) {
    const int32_t behind = 150 - (int32_t)(bits >> 23); /* binary digits behind the point */
    const int32_t place = behind < 0 ? 0 : behind > 24 ? 24 : behind;
    const uint32_t significand = simref_significand_of(bits);
    const int fractional = (significand & ((1u << place) - 1u)) != 0;
    *odd = !fractional && behind >= 0 && ((significand >> place) & 1u) != 0;
    return fractional;
}

/* 2^(exponent / 2^36) */
static float simref_exp2_of(int64_t exponent) {
    const int32_t n = (int32_t)((exponent + (1ll << 35)) >> 36);
    const int64_t rest = exponent - n * (1ll << 36);
    const float r = (float)(int32_t)((rest * (int64_t)SIMREF_LN2_Q27) >> 33) * 0x1p-30f;
    return simref_scaled_f32(1.0f + simref_expm1_near_0_f32(r), n);
}

float simref_pow_f32(float x, float y) {
    const uint32_t x_bits = simref_bits_of_f32(x), y_bits = simref_bits_of_f32(y);
    const uint32_t a = x_bits & ~SIMREF_SIGN, b = y_bits & ~SIMREF_SIGN;
    if (b == 0 || x_bits == SIMREF_ONE_BITS) {
        return 1.0f;
    }
    int odd;
    const int fractional = simref_is_fractional(b, &odd);
    const int negative = x_bits != a;
    if (a > SIMREF_INFINITY_BITS || b > SIMREF_INFINITY_BITS ||
        (negative && fractional && a != 0 && a != SIMREF_INFINITY_BITS)) {
        return __builtin_nanf("");
    }
    int64_t exponent = 0;
    if (a == 0 || a == SIMREF_INFINITY_BITS || (b == SIMREF_INFINITY_BITS && a != SIMREF_ONE_BITS)) {
        exponent = SIMREF_HUGE_Q36;
    } else if (a != SIMREF_ONE_BITS) {
        exponent = simref_exponent_of(a, b);
    }
    const float z = simref_exp2_of((a < SIMREF_ONE_BITS) == (y_bits != b) ? exponent : -exponent);
    return negative && odd ? -z : z;
}
