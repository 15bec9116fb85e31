/* y = a * b over int8 tensors, either of which may broadcast. */
#ifndef SIMREF_MUL_S8_H
#define SIMREF_MUL_S8_H

#include <stdint.h>

#include "broadcast.h"

/* count to b_step and outer_count to b_advance: see broadcast.h.
 *   left_shift     0 to 13, before the multiplier
 *   right_shift    0 to 31, after it; half: 2^(right_shift - 1), or 0 without a shift
 *   away           -1 where right_shift > 0, so that ties round away from zero; else 0 */
struct simref_mul_s8_params {
    int32_t count;
    int32_t a_step;
    int32_t b_step;
    int32_t a_zero_point;
    int32_t b_zero_point;
    int32_t left_shift;
    int32_t multiplier;
    int32_t half;
    int32_t away;
    int32_t right_shift;
    int32_t output_zero_point;
    int32_t low;
    int32_t high;
    int32_t outer_count[SIMREF_OUTER_LOOPS];
    int32_t a_advance[SIMREF_OUTER_LOOPS];
    int32_t b_advance[SIMREF_OUTER_LOOPS];
};

void simref_mul_s8(const struct simref_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y);

#endif
