/* y = tanh x */
#ifndef SIMREF_TANH_F32_H
#define SIMREF_TANH_F32_H

float simref_tanh_f32(float x);

#endif
