/* y = x < 0 ? alpha * (exp(x) - 1) : x. */
#ifndef SIMREF_ELU_H
#define SIMREF_ELU_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(elu_array_f32, float, float alpha;);

#endif
