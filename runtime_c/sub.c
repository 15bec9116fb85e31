#include "sub.h"

SIMREF_DEFINE_CLAMPED_BINARY(sub_f32, a - b)
SIMREF_DEFINE_BINARY(sub_s32, int32_t, int32_t, (uint32_t)a - (uint32_t)b)
SIMREF_DEFINE_BINARY(sub_s64, int64_t, int64_t, (uint64_t)a - (uint64_t)b)
