#include "celu.h"

#include "expm1_f32.h"

SIMREF_DEFINE_UNARY(celu_array_f32, float, x < 0.0f ? p.alpha * simref_expm1_f32(x / p.alpha) : x)
