/* y = x / (1 + exp(-beta * x)). */
#ifndef SIMREF_SILU_H
#define SIMREF_SILU_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(silu_array_f32, float, float beta;);

#endif
