/* y = the smaller of a and b over int8 tensors, either of which may broadcast. */
#ifndef SIMREF_MINIMUM_S8_H
#define SIMREF_MINIMUM_S8_H

#include <stdint.h>

#include "broadcast.h"

/* See broadcast.h. */
struct simref_minimum_s8_params {
    int32_t count;
    int32_t a_step;
    int32_t b_step;
    int32_t outer_count[SIMREF_OUTER_LOOPS];
    int32_t a_advance[SIMREF_OUTER_LOOPS];
    int32_t b_advance[SIMREF_OUTER_LOOPS];
};

void simref_minimum_s8(const struct simref_minimum_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y);

#endif
