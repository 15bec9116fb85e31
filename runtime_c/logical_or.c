#include "logical_or.h"

SIMREF_DEFINE_BINARY(logical_or_b8, uint8_t, uint8_t, a | b)
