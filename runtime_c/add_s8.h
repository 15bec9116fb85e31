/* y = a + b or a - b over int8 tensors, either of which may broadcast. */
#ifndef SIMREF_ADD_S8_H
#define SIMREF_ADD_S8_H

#include <stdint.h>

#include "broadcast.h"

/* count to b_step and outer_count to b_advance: see broadcast.h. Operand a is the one with the larger scale.
 *   a_multiplier               2^19 or, where a is subtracted, -2^19; bias: -zero_point times it
 *   b_high, b_low              b's multiplier as b_high * 2^11 + b_low
 *   b_high_bias, b_low_bias    -zero_point times these; b_low_bias also holds 2^10 for rounding
 *   b_sign                     -1 where b is subtracted, else 1
 *   b_shift, output_shift      right shifts of 1 to 31; b_half, output_half: 2^(shift - 1) */
struct simref_add_s8_params {
    int32_t count;
    int32_t a_step;
    int32_t b_step;
    int32_t a_multiplier;
    int32_t bias;
    int32_t b_high;
    int32_t b_high_bias;
    int32_t b_low;
    int32_t b_low_bias;
    int32_t b_half;
    int32_t b_shift;
    int32_t b_sign;
    int32_t output_multiplier;
    int32_t output_half;
    int32_t output_shift;
    int32_t output_zero_point;
    int32_t low;
    int32_t high;
    int32_t outer_count[SIMREF_OUTER_LOOPS];
    int32_t a_advance[SIMREF_OUTER_LOOPS];
    int32_t b_advance[SIMREF_OUTER_LOOPS];
};

void simref_add_s8(const struct simref_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y);

#endif
