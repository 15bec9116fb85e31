/* y = x * tanh(ln(1 + exp(x))). */
#ifndef SIMREF_MISH_H
#define SIMREF_MISH_H

#include "unary.h"

SIMREF_DECLARE_UNARY(mish_array_f32, float);

#endif
