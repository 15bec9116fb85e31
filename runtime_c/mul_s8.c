#include "mul_s8.h"

#include "fixedpoint.h"

/* Parameters are read once per row: stores to y could alias them. The product of two differences stays below
 * 2^16, shifted left below 2^29, and so does its scaled value: adding half, at most 2^30, cannot overflow. */
static inline void simref_mul_row(const struct simref_mul_s8_params *p, const int8_t *a, int32_t a_step,
                                  const int8_t *b, int32_t b_step, int8_t *y) {
    const int32_t a_zero_point = p->a_zero_point, b_zero_point = p->b_zero_point;
    const int32_t left_shift = p->left_shift, multiplier = p->multiplier;
    const int32_t half = p->half, away = p->away, right_shift = p->right_shift;
    const int32_t zero_point = p->output_zero_point, low = p->low, high = p->high;
    const int8_t *const end = y + p->count;
    do {
        const int32_t product = (*a - a_zero_point) * (*b - b_zero_point);
        const int32_t shifted = (int32_t)((uint32_t)product << left_shift);
        const int32_t scaled = simref_saturating_rounding_doubling_high_mul(shifted, multiplier);
        const int32_t rounded = (scaled + half + ((scaled >> 31) & away)) >> right_shift;
        *y++ = (int8_t)simref_clamp(rounded + zero_point, low, high);
        a += a_step;
        b += b_step;
    } while (y != end);
}

void simref_mul_s8(const struct simref_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
    int32_t index[SIMREF_OUTER_LOOPS] = {0};
    for (;;) {
        if (p->a_step == 1 && p->b_step == 1) {
            simref_mul_row(p, a, 1, b, 1, y);
        } else {
            simref_mul_row(p, a, p->a_step, b, p->b_step, y);
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
