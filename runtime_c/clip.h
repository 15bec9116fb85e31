/* y = x < low ? low : x, then y > high ? high : y, so that NaN passes. */
#ifndef SIMREF_CLIP_H
#define SIMREF_CLIP_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(clip_array_f32, float, float low; float high;);
SIMREF_DECLARE_UNARY_WITH(clip_array_s32, int32_t, int32_t low; int32_t high;);
SIMREF_DECLARE_UNARY_WITH(clip_array_s64, int64_t, int64_t low; int64_t high;);

#endif
