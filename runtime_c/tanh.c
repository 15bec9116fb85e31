#include "tanh.h"

#include "tanh_f32.h"

SIMREF_DEFINE_UNARY(tanh_array_f32, float, simref_tanh_f32(x))
