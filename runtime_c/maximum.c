#include "maximum.h"

SIMREF_DEFINE_BINARY(maximum_f32, float, float, a > b ? a : b)
SIMREF_DEFINE_BINARY(maximum_s32, int32_t, int32_t, a > b ? a : b)
SIMREF_DEFINE_BINARY(maximum_s64, int64_t, int64_t, a > b ? a : b)
