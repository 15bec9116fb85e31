#include "div.h"

#include "division.h"

SIMREF_DEFINE_CLAMPED_BINARY(div_f32, a / b)
SIMREF_DEFINE_BINARY(div_s32, int32_t, int32_t, simref_quotient_s32(a, b))
SIMREF_DEFINE_BINARY(div_s64, int64_t, int64_t, simref_quotient_s64(a, b))
