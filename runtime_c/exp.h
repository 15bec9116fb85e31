/* y = exp(x). */
#ifndef SIMREF_EXP_H
#define SIMREF_EXP_H

#include "unary.h"

SIMREF_DECLARE_UNARY(exp_array_f32, float);

#endif
