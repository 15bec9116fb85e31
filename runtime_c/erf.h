/* y = erf(x). */
#ifndef SIMREF_ERF_H
#define SIMREF_ERF_H

#include "unary.h"

SIMREF_DECLARE_UNARY(erf_array_f32, float);

#endif
