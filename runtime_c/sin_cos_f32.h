/* y = sin x and y = cos x, x in radians and of any size; NaN for infinities. */
#ifndef SIMREF_SIN_COS_F32_H
#define SIMREF_SIN_COS_F32_H

float simref_sin_f32(float x);
float simref_cos_f32(float x);

#endif
