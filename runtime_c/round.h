/* y = the integer nearest to x, of two the even one. */
#ifndef SIMREF_ROUND_H
#define SIMREF_ROUND_H

#include "unary.h"

SIMREF_DECLARE_UNARY(round_array_f32, float);

#endif
