/* y = a == b, as 0 or 1, either of which may broadcast. */
#ifndef SIMREF_EQUAL_H
#define SIMREF_EQUAL_H

#include "binary.h"

SIMREF_DECLARE_BINARY(equal_f32, float, uint8_t);
SIMREF_DECLARE_BINARY(equal_s32, int32_t, uint8_t);
SIMREF_DECLARE_BINARY(equal_s64, int64_t, uint8_t);
SIMREF_DECLARE_BINARY(equal_b8, uint8_t, uint8_t);

#endif
