/* y = the first index along one dimension at which x is largest, as int64. */
#ifndef SIMREF_ARG_MAX_S8_S64_H
#define SIMREF_ARG_MAX_S8_S64_H

#include <stdint.h>

/* x has the shape (outer, count, inner), y (outer, inner). */
struct simref_arg_max_s8_s64_params {
    int32_t outer;
    int32_t count;
    int32_t inner;
};

void simref_arg_max_s8_s64(const struct simref_arg_max_s8_s64_params *p, const int8_t *x, int64_t *y);

#endif
