#include "neg.h"

SIMREF_DEFINE_UNARY(neg_array_f32, float, -x)
SIMREF_DEFINE_UNARY(neg_array_s32, int32_t, (uint32_t)0 - (uint32_t)x)
SIMREF_DEFINE_UNARY(neg_array_s64, int64_t, (uint64_t)0 - (uint64_t)x)
