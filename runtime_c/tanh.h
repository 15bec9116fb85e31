/* y = tanh(x). */
#ifndef SIMREF_TANH_H
#define SIMREF_TANH_H

#include "unary.h"

SIMREF_DECLARE_UNARY(tanh_array_f32, float);

#endif
