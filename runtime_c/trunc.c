#include "trunc.h"

#include "integral_f32.h"

SIMREF_DEFINE_UNARY(trunc_array_f32, float, simref_trunc_f32(x))
