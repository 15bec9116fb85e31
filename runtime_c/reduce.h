/* The walk of a reduction: for each output element, in the output's order, over what is reduced to it.
 *
 * Parameters by name, in elements. count, step: the innermost reduced loop. reduced_count, reduced_advance:
 * the reduced loops around it, innermost first, 1 and 0 where there is none, and what moves the start of the
 * inner one when that loop steps. kept_count, kept_advance: the same for the dimensions that stay in the
 * output.
 */
#ifndef SIMREF_REDUCE_H
#define SIMREF_REDUCE_H

#include "walk.h"

#define SIMREF_REDUCED_LOOPS 2
#define SIMREF_KEPT_LOOPS 3

#endif
