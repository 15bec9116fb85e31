/* y = ln(1 + x), accurate near 0 too. */
#ifndef SIMREF_LOG1P_F32_H
#define SIMREF_LOG1P_F32_H

float simref_log1p_f32(float x);

#endif
