/* y = x < 0 ? alpha * x : x, where alpha may broadcast. */
#ifndef SIMREF_PRELU_H
#define SIMREF_PRELU_H

#include "binary.h"

SIMREF_DECLARE_BINARY(prelu_f32, float, float);

#endif
