/* y = gamma * (x < 0 ? alpha * (exp(x) - 1) : x). */
#ifndef SIMREF_SELU_H
#define SIMREF_SELU_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(selu_array_f32, float, float alpha; float gamma;);

#endif
