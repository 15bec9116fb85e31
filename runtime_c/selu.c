#include "selu.h"

#include "expm1_f32.h"

SIMREF_DEFINE_UNARY(selu_array_f32, float, p.gamma *(x < 0.0f ? p.alpha * simref_expm1_f32(x) : x))
