#include "greater.h"

SIMREF_DEFINE_BINARY(greater_f32, float, uint8_t, a > b)
SIMREF_DEFINE_BINARY(greater_s32, int32_t, uint8_t, a > b)
SIMREF_DEFINE_BINARY(greater_s64, int64_t, uint8_t, a > b)
