#include "squared_difference.h"

SIMREF_DEFINE_BINARY(squared_difference_f32, float, float, (a - b) * (a - b))
SIMREF_DEFINE_BINARY(squared_difference_s32, int32_t, int32_t,
                     (((uint32_t)a - (uint32_t)b) * ((uint32_t)a - (uint32_t)b)))
SIMREF_DEFINE_BINARY(squared_difference_s64, int64_t, int64_t,
                     (((uint64_t)a - (uint64_t)b) * ((uint64_t)a - (uint64_t)b)))
