/* y = the first index along one dimension at which x is largest, as int32. */
#ifndef SIMREF_ARG_MAX_S8_S32_H
#define SIMREF_ARG_MAX_S8_S32_H

#include <stdint.h>

/* x has the shape (outer, count, inner), y (outer, inner). */
struct simref_arg_max_s8_s32_params {
    int32_t outer;
    int32_t count;
    int32_t inner;
};

void simref_arg_max_s8_s32(const struct simref_arg_max_s8_s32_params *p, const int8_t *x, int32_t *y);

#endif
