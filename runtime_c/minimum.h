/* y = a < b ? a : b over numbers that are not quantized, either of which may broadcast. */
#ifndef SIMREF_MINIMUM_H
#define SIMREF_MINIMUM_H

#include "binary.h"

SIMREF_DECLARE_BINARY(minimum_f32, float, float);
SIMREF_DECLARE_BINARY(minimum_s32, int32_t, int32_t);
SIMREF_DECLARE_BINARY(minimum_s64, int64_t, int64_t);

#endif
