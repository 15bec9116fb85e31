/* The index of the largest of some strided int8 values. */
#ifndef SIMREF_ARG_MAX_H
#define SIMREF_ARG_MAX_H

#include <stdint.h>

/* The first index, 0 to count - 1, at which x[index * step] is largest; count >= 1. */
static inline int32_t simref_arg_max(const int8_t *x, int32_t count, int32_t step) {
    int32_t largest = *x, found = 0;
    for (int32_t i = 1; i < count; i++) {
        x += step;
        if (*x > largest) {
            largest = *x;
            found = i;
        }
    }
    return found;
}

#endif
