#include "sqrt.h"

#include "sqrt_f32.h"

SIMREF_DEFINE_UNARY(sqrt_array_f32, float, simref_sqrt_f32(x))
