/* y = a^b, either of which may broadcast. */
#ifndef SIMREF_POW_H
#define SIMREF_POW_H

#include "binary.h"

SIMREF_DECLARE_BINARY(pow_array_f32, float, float);

#endif
