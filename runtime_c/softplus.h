/* y = ln(1 + exp(x)). */
#ifndef SIMREF_SOFTPLUS_H
#define SIMREF_SOFTPLUS_H

#include "unary.h"

SIMREF_DECLARE_UNARY(softplus_array_f32, float);

#endif
