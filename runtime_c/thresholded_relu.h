/* y = x > alpha ? x : 0. */
#ifndef SIMREF_THRESHOLDED_RELU_H
#define SIMREF_THRESHOLDED_RELU_H

#include "unary.h"

SIMREF_DECLARE_UNARY_WITH(thresholded_relu_array_f32, float, float alpha;);

#endif
