/* y = the largest integer up to x. */
#ifndef SIMREF_FLOOR_H
#define SIMREF_FLOOR_H

#include "unary.h"

SIMREF_DECLARE_UNARY(floor_array_f32, float);

#endif
