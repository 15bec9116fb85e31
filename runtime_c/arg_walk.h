/* The walk of a search along one dimension. */
#ifndef SIMREF_ARG_WALK_H
#define SIMREF_ARG_WALK_H

#include "store_index.h"

/* The fields of the parameters. x has the shape (outer, count, inner), y (outer, inner). from_last: 1 to look
 * from the last element to the first, so that of equal ones the last is found. index_bytes: 4 or 8. */
#define SIMREF_ARG_FIELDS                                                                                    \
    int32_t outer;                                                                                           \
    int32_t count;                                                                                           \
    int32_t inner;                                                                                           \
    int32_t from_last;                                                                                       \
    int32_t index_bytes;

#endif
