/* y = -1, 0 or 1 as x is below, at or above zero; NaN passes. */
#ifndef SIMREF_SIGN_H
#define SIMREF_SIGN_H

#include "unary.h"

SIMREF_DECLARE_UNARY(sign_array_f32, float);
SIMREF_DECLARE_UNARY(sign_array_s32, int32_t);
SIMREF_DECLARE_UNARY(sign_array_s64, int64_t);

#endif
