/* z = x^y; NaN where x < 0 and y is no integer. x^0 and 1^y are 1 even for NaN. */
#ifndef SIMREF_POW_F32_H
#define SIMREF_POW_F32_H

float simref_pow_f32(float x, float y);

#endif
