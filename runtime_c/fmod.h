/* y = a - b * trunc(a / b), exactly, either of which may broadcast; see division.h for integers. */
#ifndef SIMREF_FMOD_H
#define SIMREF_FMOD_H

#include "binary.h"

SIMREF_DECLARE_BINARY(fmod_f32, float, float);
SIMREF_DECLARE_BINARY(fmod_s32, int32_t, int32_t);
SIMREF_DECLARE_BINARY(fmod_s64, int64_t, int64_t);

#endif
