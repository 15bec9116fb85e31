#include "not_equal.h"

SIMREF_DEFINE_BINARY(not_equal_f32, float, uint8_t, a != b)
SIMREF_DEFINE_BINARY(not_equal_s32, int32_t, uint8_t, a != b)
SIMREF_DEFINE_BINARY(not_equal_s64, int64_t, uint8_t, a != b)
SIMREF_DEFINE_BINARY(not_equal_b8, uint8_t, uint8_t, a != b)
