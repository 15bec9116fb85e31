#include "abs.h"

#include "float32.h"

SIMREF_DEFINE_UNARY(abs_array_f32, float, simref_f32_of_bits(simref_bits_of_f32(x) & 0x7fffffffu))
SIMREF_DEFINE_UNARY(abs_array_s32, int32_t, x < 0 ? (uint32_t)0 - (uint32_t)x : (uint32_t)x)
SIMREF_DEFINE_UNARY(abs_array_s64, int64_t, x < 0 ? (uint64_t)0 - (uint64_t)x : (uint64_t)x)
