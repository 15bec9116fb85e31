#include "add_s8.h"

#include "fixedpoint.h"

/* x / 2^shift to nearest, ties away from zero, half being 2^(shift - 1): simref_rounding_divide_by_pot for
 * 1 <= shift <= 31 and |x| < 2^30, where x + half cannot overflow. */
static inline int32_t simref_round_away(int32_t x, int32_t half, int32_t shift) {
    return (x + half + (x >> 31)) >> shift;
}

/* Parameters are read once per row: stores to y could alias them.
 *
 * b comes in units of 2^-20 of twice the larger scale. TFLite shifts x - zero_point left by 20 and takes the
 * doubling high product, floor(((x - zero_point) * multiplier + 2^10) / 2^11). The high part of the
 * multiplier contributes a multiple of 2^11 to that, so no long multiply is needed; all products stay below
 * 2^29. */
static inline void simref_add_row(const struct simref_add_s8_params *p, const int8_t *a, int32_t a_step,
                                  const int8_t *b, int32_t b_step, int8_t *y) {
    const int32_t a_multiplier = p->a_multiplier, bias = p->bias;
    const int32_t b_high = p->b_high, b_high_bias = p->b_high_bias;
    const int32_t b_low = p->b_low, b_low_bias = p->b_low_bias;
    const int32_t b_half = p->b_half, b_shift = p->b_shift, b_sign = p->b_sign;
    const int32_t multiplier = p->output_multiplier, half = p->output_half;
    const int32_t shift = p->output_shift, zero_point = p->output_zero_point;
    const int32_t low = p->low, high = p->high;
    const int8_t *const end = y + p->count;
    do {
        const int32_t x = *b;
        const int32_t product = x * b_high + b_high_bias + ((x * b_low + b_low_bias) >> 11);
        const int32_t sum = *a * a_multiplier + bias + simref_round_away(product, b_half, b_shift) * b_sign;
        const int32_t scaled = simref_saturating_rounding_doubling_high_mul(sum, multiplier);
        *y++ = (int8_t)simref_clamp(simref_round_away(scaled, half, shift) + zero_point, low, high);
        a += a_step;
        b += b_step;
    } while (y != end);
}

void simref_add_s8(const struct simref_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
    int32_t index[SIMREF_OUTER_LOOPS] = {0};
    for (;;) {
        if (p->a_step == 1 && p->b_step == 1) {
            simref_add_row(p, a, 1, b, 1, y);
        } else {
            simref_add_row(p, a, p->a_step, b, p->b_step, y);
        }
        const int32_t loop = simref_next_row(index, p->outer_count);
        if (loop == SIMREF_OUTER_LOOPS) {
            return;
        }
        a += p->a_advance[loop];
        b += p->b_advance[loop];
        y += p->count;
    }
}
