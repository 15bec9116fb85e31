/* y = x < 0 ? 0 : x. */
#ifndef SIMREF_RELU_H
#define SIMREF_RELU_H

#include "unary.h"

SIMREF_DECLARE_UNARY(relu_array_f32, float);

#endif
