/* y = min(max(alpha * x + beta, 0), 1). */
#ifndef SIMREF_HARD_SIGMOID_H
#define SIMREF_HARD_SIGMOID_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(hard_sigmoid_array_f32, float, float alpha; float beta;);

#endif
