#include "round.h"

#include "integral_f32.h"

SIMREF_DEFINE_UNARY(round_array_f32, float, simref_round_even_f32(x))
