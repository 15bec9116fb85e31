#include "logical_not.h"

SIMREF_DEFINE_UNARY(logical_not_array_b8, uint8_t, x == 0)
