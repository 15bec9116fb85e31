#include "log.h"

#include "log_f32.h"

SIMREF_DEFINE_UNARY(log_array_f32, float, simref_log_f32(x))
