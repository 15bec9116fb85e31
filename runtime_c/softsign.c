#include "softsign.h"

SIMREF_DEFINE_UNARY(softsign_array_f32, float, x / (1.0f + (x < 0.0f ? -x : x)))
