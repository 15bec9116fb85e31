#include "softmax_s8.h"

#include "fixedpoint.h"

/* Integer bits of the sum of exponentials. */
#define SUM_BITS 12

static int32_t simref_saturating_left_shift(int32_t x, int32_t exponent) {
    const int32_t limit = INT32_MAX >> exponent;
    if (x > limit) {
        return INT32_MAX;
    }
    return x < -limit - 1 ? INT32_MIN : (int32_t)((uint32_t)x << exponent);
}

/* 1 / (1 + f) for f in [0, 1), both Q0.31: gemmlowp one_over_one_plus_x_for_x_in_0_1. */
static int32_t simref_one_over_one_plus(int32_t fraction) {
    /* (f + 1) / 2, rounded: the sum of two non-negative int32 fits uint32. */
    const int32_t half_denominator = (int32_t)(((uint32_t)fraction + (uint32_t)INT32_MAX + 1u) >> 1);
    /* 48/17 - 32/17 * d is the best first guess of a line; Q2.29. */
    int32_t r = 1515870810 + simref_saturating_rounding_doubling_high_mul(half_denominator, -1010580540);
    for (int step = 0; step < 3; step++) {
        const int32_t error = (1 << 29) - simref_saturating_rounding_doubling_high_mul(half_denominator, r);
        r += simref_saturating_left_shift(simref_saturating_rounding_doubling_high_mul(r, error), 2);
    }
    return simref_saturating_left_shift(r, 1);
}

static int32_t simref_row_maximum(const int8_t *x, int32_t depth) {
    int32_t largest = x[0];
    for (int32_t c = 1; c < depth; c++) {
        largest = x[c] > largest ? x[c] : largest;
    }
    return largest;
}

static uint32_t simref_sum_of_exponentials(const struct simref_softmax_s8_params *p, const int8_t *x,
                                           int32_t largest) {
    uint32_t sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
        const int32_t difference = largest - x[c];
        if (difference < p->entries) {
            sum += ((uint32_t)p->exponentials[difference] + (1u << (SUM_BITS - 1))) >> SUM_BITS;
        }
    }
    return sum;
}

static void simref_divide_row(const struct simref_softmax_s8_params *p, const int8_t *x, int8_t *y) {
    const int32_t largest = simref_row_maximum(x, p->depth);
    uint32_t sum = simref_sum_of_exponentials(p, x, largest);
    int32_t leading_zeros = 0;
    while (sum < 0x80000000u) { /* ends: the largest element alone contributes 2^19 */
        sum <<= 1;
        leading_zeros++;
    }
    const int32_t scale = simref_one_over_one_plus((int32_t)(sum - 0x80000000u));
    const int32_t shift = SUM_BITS - leading_zeros + 31 - 8;
    for (int32_t c = 0; c < p->depth; c++) {
        const int32_t difference = largest - x[c];
        int32_t share = 0;
        if (difference < p->entries && shift < 32) { /* beyond, 512 and more equals share what rounds to 0 */
            const int32_t product =
                simref_saturating_rounding_doubling_high_mul(scale, p->exponentials[difference]);
            share = (int32_t)(((uint32_t)product + (1u << (shift - 1))) >> shift);
        }
        y[c] = (int8_t)(share < 255 ? share - 128 : 127);
    }
}

void simref_softmax_s8(const struct simref_softmax_s8_params *p, const int8_t *x, int8_t *y) {
    for (int32_t row = 0; row < p->rows; row++) {
        simref_divide_row(p, x + row * p->depth, y + row * p->depth);
    }
}
