/* y = x * Phi(x), Phi being the normal distribution. */
#ifndef SIMREF_GELU_H
#define SIMREF_GELU_H

#include "unary.h"

SIMREF_DECLARE_UNARY(gelu_array_f32, float);

#endif
