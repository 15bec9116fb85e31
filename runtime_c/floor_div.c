#include "floor_div.h"

#include "division.h"
#include "integral_f32.h"

SIMREF_DEFINE_BINARY(floor_div_f32, float, float, simref_floor_f32(a / b))
SIMREF_DEFINE_BINARY(floor_div_s32, int32_t, int32_t, simref_floor_quotient_s32(a, b))
SIMREF_DEFINE_BINARY(floor_div_s64, int64_t, int64_t, simref_floor_quotient_s64(a, b))
