#include "ceil.h"

#include "integral_f32.h"

SIMREF_DEFINE_UNARY(ceil_array_f32, float, simref_ceil_f32(x))
