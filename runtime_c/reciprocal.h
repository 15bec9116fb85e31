/* y = 1 / x. */
#ifndef SIMREF_RECIPROCAL_H
#define SIMREF_RECIPROCAL_H

#include "unary.h"

SIMREF_DECLARE_UNARY(reciprocal_array_f32, float);

#endif
