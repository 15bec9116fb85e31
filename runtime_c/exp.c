#include "exp.h"

#include "exp_f32.h"

SIMREF_DEFINE_UNARY(exp_array_f32, float, simref_exp_f32(x))
