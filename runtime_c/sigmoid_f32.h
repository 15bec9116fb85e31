/* y = 1 / (1 + e^-x) */
#ifndef SIMREF_SIGMOID_F32_H
#define SIMREF_SIGMOID_F32_H

float simref_sigmoid_f32(float x);

#endif
