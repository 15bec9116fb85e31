#include "thresholded_relu.h"

SIMREF_DEFINE_UNARY(thresholded_relu_array_f32, float, x > p.alpha ? x : 0.0f)
