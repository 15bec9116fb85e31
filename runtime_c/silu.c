#include "silu.h"

#include "sigmoid_f32.h"

SIMREF_DEFINE_UNARY(silu_array_f32, float, x *simref_sigmoid_f32(p.beta *x))
