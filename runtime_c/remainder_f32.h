/* Remainders of float32 divisions: exact, so that no rounding is involved. */
#ifndef SIMREF_REMAINDER_F32_H
#define SIMREF_REMAINDER_F32_H

/* a - b * trunc(a / b), with the sign of a, as fmodf of the C library. */
float simref_remainder_f32(float a, float b);

/* The same plus b where the signs of b and the remainder differ. */
float simref_floor_remainder_f32(float a, float b);

#endif
