#include "cos.h"

#include "sin_cos_f32.h"

SIMREF_DEFINE_UNARY(cos_array_f32, float, simref_cos_f32(x))
