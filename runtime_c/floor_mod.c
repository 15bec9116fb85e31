#include "floor_mod.h"

#include "division.h"
#include "remainder_f32.h"

SIMREF_DEFINE_BINARY(floor_mod_f32, float, float, simref_floor_remainder_f32(a, b))
SIMREF_DEFINE_BINARY(floor_mod_s32, int32_t, int32_t, simref_floor_remainder_s32(a, b))
SIMREF_DEFINE_BINARY(floor_mod_s64, int64_t, int64_t, simref_floor_remainder_s64(a, b))
