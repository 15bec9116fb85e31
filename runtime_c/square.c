#include "square.h"

SIMREF_DEFINE_UNARY(square_array_f32, float, x *x)
