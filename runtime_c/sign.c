#include "sign.h"

SIMREF_DEFINE_UNARY(sign_array_f32, float, x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x == 0.0f ? 0.0f : x)
SIMREF_DEFINE_UNARY(sign_array_s32, int32_t, (x > 0) - (x < 0))
SIMREF_DEFINE_UNARY(sign_array_s64, int64_t, (x > 0) - (x < 0))
