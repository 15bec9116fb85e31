/* y = sin(x). */
#ifndef SIMREF_SIN_H
#define SIMREF_SIN_H

#include "unary.h"

SIMREF_DECLARE_UNARY(sin_array_f32, float);

#endif
