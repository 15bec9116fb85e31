/* The walk of two operands that broadcast against each other: an innermost loop and up to five around it.
 *
 * Parameters by name, in elements:
 *   count, a_step, b_step   the innermost loop; a step of 0 repeats the operand's element, otherwise it is 1
 *   outer_count             the loops around it, innermost first, 1 where there is none
 *   a_advance, b_advance    what moves a row's start when that outer loop steps and those inside it restart
 */
#ifndef SIMREF_BROADCAST_H
#define SIMREF_BROADCAST_H

#include "walk.h"

#define SIMREF_OUTER_LOOPS 5

/* Step to the next row; returns the loop that stepped, SIMREF_OUTER_LOOPS when the walk is over. */
static inline int32_t simref_next_row(int32_t *index, const int32_t *outer_count) {
    return simref_next_step(index, outer_count, SIMREF_OUTER_LOOPS);
}

#endif
