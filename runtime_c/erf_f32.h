/* y = erf x: 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
#ifndef SIMREF_ERF_F32_H
#define SIMREF_ERF_F32_H

float simref_erf_f32(float x);

#endif
