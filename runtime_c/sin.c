#include "sin.h"

#include "sin_cos_f32.h"

SIMREF_DEFINE_UNARY(sin_array_f32, float, simref_sin_f32(x))
