#include "fmod.h"

#include "division.h"
#include "remainder_f32.h"

SIMREF_DEFINE_BINARY(fmod_f32, float, float, simref_remainder_f32(a, b))
SIMREF_DEFINE_BINARY(fmod_s32, int32_t, int32_t, simref_remainder_s32(a, b))
SIMREF_DEFINE_BINARY(fmod_s64, int64_t, int64_t, simref_remainder_s64(a, b))
