#include "erf.h"

#include "erf_f32.h"

SIMREF_DEFINE_UNARY(erf_array_f32, float, simref_erf_f32(x))
