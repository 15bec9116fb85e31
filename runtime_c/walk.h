/* Nested loops as an odometer: few instructions of code for any number of loops. */
#ifndef SIMREF_WALK_H
#define SIMREF_WALK_H

#include <stdint.h>

/* Take the next step of nested loops, innermost first; returns the loop that stepped, or `loops` at the end.
 */
static inline int32_t simref_next_step(int32_t *index, const int32_t *count, int32_t loops) {
    int32_t loop = 0;
    while (loop < loops && ++index[loop] >= count[loop]) {
        index[loop++] = 0;
    }
    return loop;
}

#endif
