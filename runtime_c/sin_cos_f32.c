#include "sin_cos_f32.h"

#include "constants_f32.h"
#include "exp_parts_f32.h"
#include "float32.h"

/* 32 binary digits, the first `shift` digits into a word. */
static uint32_t simref_digits(const uint32_t *word, uint32_t shift) {
    return (uint32_t)((((uint64_t)word[0] << 32) | word[1]) >> (32 - shift));
}

/* |x| = (quadrant + 4 k) pi / 2 + r, |r| <= pi / 4, for finite |x| >= pi / 4; returns r. */
static float simref_reduced_angle(float x, uint32_t *quadrant) {
    static const uint32_t two_over_pi[] = {SIMREF_TWO_OVER_PI_WORDS};
    const uint32_t bits = simref_bits_of_f32(x) & 0x7fffffffu;
    const uint32_t significand = (bits & 0x7fffffu) | 0x800000u;
    /* turns = 2^61 |x| 2 / pi modulo 2^63: digits of 2 / pi before these 96 give multiples of 4, digits after
     * them nothing. */
    const uint32_t start = (bits >> 23) - 121, shift = start & 31u;
    const uint32_t *const word = two_over_pi + (start >> 5);
    uint64_t turns = (uint64_t)(significand * simref_digits(word, shift)) << 32;
    turns += (uint64_t)significand * simref_digits(word + 1, shift);
    turns += ((uint64_t)significand * simref_digits(word + 2, shift)) >> 32;
    *quadrant = ((uint32_t)(turns >> 60) + 1u) >> 1;
    const int64_t rest = (int64_t)(turns - ((uint64_t)*quadrant << 61));
    const uint64_t distance = rest < 0 ? 0u - (uint64_t)rest : (uint64_t)rest;
    const int32_t zeros = __builtin_clzll(distance);
    /* The product is at least 2^29 and is rounded to float32 only once. */
    const uint64_t product = ((distance << (zeros - 1)) >> 32) * SIMREF_PI_OVER_4_BITS;
    const float r = (float)(uint32_t)(product >> 31) * simref_power_of_two_f32(-28 - zeros);
    return rest < 0 ? -r : r;
}

/* sin(quadrant pi / 2 + r) */
static float simref_sine_of_quadrant(uint32_t quadrant, float r) {
    const float square = r * r;
    float y;
    if ((quadrant & 1u) == 0) {
        y = simref_fma_f32(r * square, simref_sin_polynomial_f32(square), r);
    } else {
        y = simref_fma_f32(square, simref_cos_polynomial_f32(square), -0.5f);
        y = simref_fma_f32(square, y, 1.0f);
    }
    return (quadrant & 2u) == 0 ? y : -y;
}

/* sin(|x| + quarters pi / 2) */
static float simref_sine(float x, uint32_t quarters) {
    const float a = __builtin_fabsf(x);
    uint32_t quadrant = 0;
    if (simref_bits_of_f32(a) >= SIMREF_INFINITY_BITS) {
        return x - x;
    }
    const float r = a < SIMREF_PI_OVER_4 ? a : simref_reduced_angle(a, &quadrant);
    return simref_sine_of_quadrant(quadrant + quarters, r);
}

float simref_sin_f32(float x) {
    const float y = simref_sine(x, 0);
    return simref_f32_of_bits(simref_bits_of_f32(y) ^ (simref_bits_of_f32(x) & SIMREF_SIGN));
}

float simref_cos_f32(float x) {
    return simref_sine(x, 1);
}
