/* y = the index along one dimension at which x is largest, the first or the last of equal ones. */
#ifndef SIMREF_ARG_MAX_F32_H
#define SIMREF_ARG_MAX_F32_H

#include "arg_walk.h"

/* See arg_walk.h. */
struct simref_arg_max_f32_params {
    SIMREF_ARG_FIELDS
};

/* y: int32 or int64 by index_bytes. */
void simref_arg_max_f32(const struct simref_arg_max_f32_params *p, const float *x, void *y);

#endif
