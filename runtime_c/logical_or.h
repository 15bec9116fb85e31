/* y = a || b of 0 and 1, either of which may broadcast. */
#ifndef SIMREF_LOGICAL_OR_H
#define SIMREF_LOGICAL_OR_H

#include "binary.h"

SIMREF_DECLARE_BINARY(logical_or_b8, uint8_t, uint8_t);

#endif
