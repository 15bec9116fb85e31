/* y = ln x: -inf for 0, NaN below. */
#ifndef SIMREF_LOG_F32_H
#define SIMREF_LOG_F32_H

#include <stdint.h>

float simref_log_f32(float x);

/* ln(x * 2^exponent) + addend for x that is not subnormal and a tiny addend; -inf for 0, NaN below. */
float simref_log_parts_f32(float x, int32_t exponent, float addend);

#endif
