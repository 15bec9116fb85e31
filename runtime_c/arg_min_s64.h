/* y = the index along one dimension at which x is smallest, the first or the last of equal ones. */
#ifndef SIMREF_ARG_MIN_S64_H
#define SIMREF_ARG_MIN_S64_H

#include "arg_walk.h"

/* See arg_walk.h. */
struct simref_arg_min_s64_params {
    SIMREF_ARG_FIELDS
};

/* y: int32 or int64 by index_bytes. */
void simref_arg_min_s64(const struct simref_arg_min_s64_params *p, const int64_t *x, void *y);

#endif
