/* y = e^x */
#ifndef SIMREF_EXP_F32_H
#define SIMREF_EXP_F32_H

float simref_exp_f32(float x);

/* As simref_exp_f32; rest: what the rounding of the result left. For x <= 0. */
float simref_exp_and_rest_f32(float x, float *rest);

#endif
