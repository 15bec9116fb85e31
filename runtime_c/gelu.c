#include "gelu.h"

#include "erf_f32.h"

SIMREF_DEFINE_UNARY(gelu_array_f32, float, 0.5f * x * (1.0f + simref_erf_f32(x * 0.707106769f)))
