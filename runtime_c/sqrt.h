/* y = sqrt(x). */
#ifndef SIMREF_SQRT_H
#define SIMREF_SQRT_H

#include "unary.h"

SIMREF_DECLARE_UNARY(sqrt_array_f32, float);

#endif
