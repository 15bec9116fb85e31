/* y = 1 / (1 + exp(-x)). */
#ifndef SIMREF_LOGISTIC_H
#define SIMREF_LOGISTIC_H

#include "unary.h"

SIMREF_DECLARE_UNARY(logistic_array_f32, float);

#endif
