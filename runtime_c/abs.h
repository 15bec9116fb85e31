/* y = |x|; integers wrap. */
#ifndef SIMREF_ABS_H
#define SIMREF_ABS_H

#include "unary.h"

SIMREF_DECLARE_UNARY(abs_array_f32, float);
SIMREF_DECLARE_UNARY(abs_array_s32, int32_t);
SIMREF_DECLARE_UNARY(abs_array_s64, int64_t);

#endif
