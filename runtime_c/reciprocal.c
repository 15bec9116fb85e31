#include "reciprocal.h"

SIMREF_DEFINE_UNARY(reciprocal_array_f32, float, 1.0f / x)
