#include "hard_swish.h"

#include "clamped_f32.h"

SIMREF_DEFINE_UNARY(hard_swish_array_f32, float, simref_clamped_f32(x + 3.0f, 0.0f, 6.0f) * x * (1.0f / 6.0f))
