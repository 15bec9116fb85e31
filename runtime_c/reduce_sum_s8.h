/* y = (sum of x over some dimensions) on another scale: sums and means of int8. */
#ifndef SIMREF_REDUCE_SUM_S8_H
#define SIMREF_REDUCE_SUM_S8_H

#include <stdint.h>

#include "reduce.h"

/* count, step, reduced_count to kept_advance: see reduce.h.
 *   mask                 -1 to read int8; 255 to read the same bytes as uint8
 *   bias                 -zero_point times the number of summands
 *   multiplier, shift    from the sum to the output's scale: multiplier * 2^(shift - 31) */
struct simref_reduce_sum_s8_params {
    int32_t count;
    int32_t step;
    int32_t mask;
    int32_t bias;
    int32_t multiplier;
    int32_t shift;
    int32_t zero_point;
    int32_t low;
    int32_t high;
    int32_t reduced_count[SIMREF_REDUCED_LOOPS];
    int32_t reduced_advance[SIMREF_REDUCED_LOOPS];
    int32_t kept_count[SIMREF_KEPT_LOOPS];
    int32_t kept_advance[SIMREF_KEPT_LOOPS];
};

/* y: int8, or uint8 by low and high; not where x is. */
void simref_reduce_sum_s8(const struct simref_reduce_sum_s8_params *p, const int8_t *x, void *y);

#endif
