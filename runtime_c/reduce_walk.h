/* The walk of a reduction in rows: four neighbouring outputs at a time where they lie side by side in x. */
#ifndef SIMREF_REDUCE_WALK_H
#define SIMREF_REDUCE_WALK_H

#include "walk.h"

#define SIMREF_OUTER_REDUCED 2
#define SIMREF_OUTER_KEPT 2

/* In elements. count, step: the innermost reduced loop. reduced_count, reduced_advance: the reduced loops
 * around it, innermost first, 1 and 0 where there is none, and what moves the start of the inner one when
 * that loop steps. kept, kept_step, kept_count, kept_advance: the same for the dimensions that stay in the
 * output. */
struct simref_reduce_walk {
    int32_t count;
    int32_t step;
    int32_t reduced_count[SIMREF_OUTER_REDUCED];
    int32_t reduced_advance[SIMREF_OUTER_REDUCED];
    int32_t kept;
    int32_t kept_step;
    int32_t kept_count[SIMREF_OUTER_KEPT];
    int32_t kept_advance[SIMREF_OUTER_KEPT];
};

#endif
