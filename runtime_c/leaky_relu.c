#include "leaky_relu.h"

SIMREF_DEFINE_UNARY(leaky_relu_array_f32, float, x < 0.0f ? p.alpha * x : x)
