/* y = e^x - 1, accurate near 0 too. */
#ifndef SIMREF_EXPM1_F32_H
#define SIMREF_EXPM1_F32_H

float simref_expm1_f32(float x);

#endif
