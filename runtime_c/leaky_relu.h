/* y = x < 0 ? alpha * x : x. */
#ifndef SIMREF_LEAKY_RELU_H
#define SIMREF_LEAKY_RELU_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(leaky_relu_array_f32, float, float alpha;);

#endif
