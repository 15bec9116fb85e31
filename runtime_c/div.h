/* y = a / b over numbers that are not quantized, either of which may broadcast; see division.h for integers.
 */
#ifndef SIMREF_DIV_H
#define SIMREF_DIV_H

#include "binary.h"

SIMREF_DECLARE_CLAMPED_BINARY(div_f32);
SIMREF_DECLARE_BINARY(div_s32, int32_t, int32_t);
SIMREF_DECLARE_BINARY(div_s64, int64_t, int64_t);

#endif
