/* y = a != b, as 0 or 1, either of which may broadcast. */
#ifndef SIMREF_NOT_EQUAL_H
#define SIMREF_NOT_EQUAL_H

#include "binary.h"

SIMREF_DECLARE_BINARY(not_equal_f32, float, uint8_t);
SIMREF_DECLARE_BINARY(not_equal_s32, int32_t, uint8_t);
SIMREF_DECLARE_BINARY(not_equal_s64, int64_t, uint8_t);
SIMREF_DECLARE_BINARY(not_equal_b8, uint8_t, uint8_t);

#endif
