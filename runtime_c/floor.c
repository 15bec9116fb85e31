#include "floor.h"

#include "integral_f32.h"

SIMREF_DEFINE_UNARY(floor_array_f32, float, simref_floor_f32(x))
