/* y = ln(x). */
#ifndef SIMREF_LOG_H
#define SIMREF_LOG_H

#include "unary.h"

SIMREF_DECLARE_UNARY(log_array_f32, float);

#endif
