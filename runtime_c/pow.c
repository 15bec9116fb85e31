#include "pow.h"

#include "pow_f32.h"

SIMREF_DEFINE_BINARY(pow_array_f32, float, float, simref_pow_f32(a, b))
