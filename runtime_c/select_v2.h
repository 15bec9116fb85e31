/* y = condition ? a : b over elements of 8 to 64 bits, each operand of which may broadcast. */
#ifndef SIMREF_SELECT_V2_H
#define SIMREF_SELECT_V2_H

#include <stdint.h>

#include "broadcast.h"

/* See broadcast.h; c is the condition. */
#define SIMREF_DECLARE_SELECT(bits)                                                                          \
    struct simref_select_v2_##bits##_params {                                                                \
        int32_t count;                                                                                       \
        int32_t a_step;                                                                                      \
        int32_t b_step;                                                                                      \
        int32_t c_step;                                                                                      \
        int32_t outer_count[SIMREF_OUTER_LOOPS];                                                             \
        int32_t a_advance[SIMREF_OUTER_LOOPS];                                                               \
        int32_t b_advance[SIMREF_OUTER_LOOPS];                                                               \
        int32_t c_advance[SIMREF_OUTER_LOOPS];                                                               \
    };                                                                                                       \
    void simref_select_v2_##bits(const struct simref_select_v2_##bits##_params *p, const uint8_t *c,         \
                                 const void *a, const void *b, void *y)

SIMREF_DECLARE_SELECT(8);
SIMREF_DECLARE_SELECT(16);
SIMREF_DECLARE_SELECT(32);
SIMREF_DECLARE_SELECT(64);

#endif
