/* y = a - b * floor(a / b), either of which may broadcast; see division.h for integers. */
#ifndef SIMREF_FLOOR_MOD_H
#define SIMREF_FLOOR_MOD_H

#include "binary.h"

SIMREF_DECLARE_BINARY(floor_mod_f32, float, float);
SIMREF_DECLARE_BINARY(floor_mod_s32, int32_t, int32_t);
SIMREF_DECLARE_BINARY(floor_mod_s64, int64_t, int64_t);

#endif
