/* y = 1 / sqrt(x). */
#ifndef SIMREF_RSQRT_H
#define SIMREF_RSQRT_H

#include "unary.h"

SIMREF_DECLARE_UNARY(rsqrt_array_f32, float);

#endif
