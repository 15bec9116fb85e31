/* y = x * min(max(x + 3, 0), 6) / 6. */
#ifndef SIMREF_HARD_SWISH_H
#define SIMREF_HARD_SWISH_H

#include "unary.h"

SIMREF_DECLARE_UNARY(hard_swish_array_f32, float);

#endif
