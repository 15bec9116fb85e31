#include "less.h"

SIMREF_DEFINE_BINARY(less_f32, float, uint8_t, a < b)
SIMREF_DEFINE_BINARY(less_s32, int32_t, uint8_t, a < b)
SIMREF_DEFINE_BINARY(less_s64, int64_t, uint8_t, a < b)
