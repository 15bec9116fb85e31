/* y = cos(x). */
#ifndef SIMREF_COS_H
#define SIMREF_COS_H

#include "unary.h"

SIMREF_DECLARE_UNARY(cos_array_f32, float);

#endif
