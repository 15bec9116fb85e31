#include "minimum.h"

SIMREF_DEFINE_BINARY(minimum_f32, float, float, a < b ? a : b)
SIMREF_DEFINE_BINARY(minimum_s32, int32_t, int32_t, a < b ? a : b)
SIMREF_DEFINE_BINARY(minimum_s64, int64_t, int64_t, a < b ? a : b)
