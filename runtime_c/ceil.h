/* y = the smallest integer from x on. */
#ifndef SIMREF_CEIL_H
#define SIMREF_CEIL_H

#include "unary.h"

SIMREF_DECLARE_UNARY(ceil_array_f32, float);

#endif
