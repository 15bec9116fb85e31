/* y = not x of 0 and 1. */
#ifndef SIMREF_LOGICAL_NOT_H
#define SIMREF_LOGICAL_NOT_H

#include "unary.h"

SIMREF_DECLARE_UNARY(logical_not_array_b8, uint8_t);

#endif
