/* int16 values on another scale, as int8. */
#ifndef SIMREF_REQUANTIZE_S16_S8_H
#define SIMREF_REQUANTIZE_S16_S8_H

#include <stdint.h>

/* multiplier, shift: the ratio of the scales as multiplier * 2^(shift - 31). */
struct simref_requantize_s16_s8_params {
    int32_t count;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t shift;
};

/* y may be x. */
void simref_requantize_s16_s8(const struct simref_requantize_s16_s8_params *p, const int16_t *x, int8_t *y);

#endif
