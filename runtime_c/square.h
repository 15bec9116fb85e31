/* y = x * x. */
#ifndef SIMREF_SQUARE_H
#define SIMREF_SQUARE_H

#include "unary.h"

SIMREF_DECLARE_UNARY(square_array_f32, float);

#endif
