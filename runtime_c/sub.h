/* y = a - b over numbers that are not quantized, either of which may broadcast; integers wrap. */
#ifndef SIMREF_SUB_H
#define SIMREF_SUB_H

#include "binary.h"

SIMREF_DECLARE_CLAMPED_BINARY(sub_f32);
SIMREF_DECLARE_BINARY(sub_s32, int32_t, int32_t);
SIMREF_DECLARE_BINARY(sub_s64, int64_t, int64_t);

#endif
