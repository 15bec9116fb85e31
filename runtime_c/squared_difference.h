/* y = (a - b)^2, either of which may broadcast; integers wrap. */
#ifndef SIMREF_SQUARED_DIFFERENCE_H
#define SIMREF_SQUARED_DIFFERENCE_H

#include "binary.h"

SIMREF_DECLARE_BINARY(squared_difference_f32, float, float);
SIMREF_DECLARE_BINARY(squared_difference_s32, int32_t, int32_t);
SIMREF_DECLARE_BINARY(squared_difference_s64, int64_t, int64_t);

#endif
