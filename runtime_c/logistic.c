#include "logistic.h"

#include "sigmoid_f32.h"

SIMREF_DEFINE_UNARY(logistic_array_f32, float, simref_sigmoid_f32(x))
