#include "logical_and.h"

SIMREF_DEFINE_BINARY(logical_and_b8, uint8_t, uint8_t, a &b)
