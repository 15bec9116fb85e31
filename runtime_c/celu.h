/* y = x < 0 ? alpha * (exp(x / alpha) - 1) : x. */
#ifndef SIMREF_CELU_H
#define SIMREF_CELU_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(celu_array_f32, float, float alpha;);

#endif
