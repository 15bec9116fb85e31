/* y = x without its fraction. */
#ifndef SIMREF_TRUNC_H
#define SIMREF_TRUNC_H

#include "unary.h"

SIMREF_DECLARE_UNARY(trunc_array_f32, float);

#endif
