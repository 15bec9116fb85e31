/* The largest of some strided float32 values. */
#ifndef SIMREF_LARGEST_F32_H
#define SIMREF_LARGEST_F32_H

#include <stdint.h>

/* Of equal ones the first; a NaN is passed over unless it comes first; count >= 1. */
static inline float simref_largest_f32(const float *x, int32_t count, int32_t step) {
    float found = *x;
    while (--count != 0) {
        x += step;
        found = *x > found ? *x : found;
    }
    return found;
}

#endif
