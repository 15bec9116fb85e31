#include "rsqrt.h"

#include "sqrt_f32.h"

SIMREF_DEFINE_UNARY(rsqrt_array_f32, float, simref_rsqrt_f32(x))
