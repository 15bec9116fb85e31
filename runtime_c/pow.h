/* y = a^b, either of which may broadcast; integers wrap, and negative exponents of them give the whole part
 * of the quotient, 0 for 0. */
#ifndef SIMREF_POW_H
#define SIMREF_POW_H

#include "binary.h"

SIMREF_DECLARE_BINARY(pow_array_f32, float, float);
SIMREF_DECLARE_BINARY(pow_array_s32, int32_t, int32_t);
SIMREF_DECLARE_BINARY(pow_array_s64, int64_t, int64_t);

#endif
