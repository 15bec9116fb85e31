#include "clip.h"

#define SIMREF_RAISED (x < p.low ? p.low : x)
#define SIMREF_CLIPPED (SIMREF_RAISED > p.high ? p.high : SIMREF_RAISED)

SIMREF_DEFINE_UNARY(clip_array_f32, float, SIMREF_CLIPPED)
SIMREF_DEFINE_UNARY(clip_array_s32, int32_t, SIMREF_CLIPPED)
SIMREF_DEFINE_UNARY(clip_array_s64, int64_t, SIMREF_CLIPPED)
