/* y = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2. */
#ifndef SIMREF_GELU_TANH_H
#define SIMREF_GELU_TANH_H

#include "unary.h"

SIMREF_DECLARE_UNARY(gelu_tanh_array_f32, float);

#endif
