#include "requantize_s16_s8.h"

#include "fixedpoint.h"

void simref_requantize_s16_s8(const struct simref_requantize_s16_s8_params *p, const int16_t *x, int8_t *y) {
    const int32_t input_zero_point = p->input_zero_point, output_zero_point = p->output_zero_point;
    const int32_t multiplier = p->multiplier, shift = p->shift;
    const int16_t *const end = x + p->count;
    while (x != end) {
        const int32_t scaled =
            simref_multiply_by_quantized_multiplier(*x++ - input_zero_point, multiplier, shift);
        *y++ = (int8_t)simref_clamp(scaled + output_zero_point, INT8_MIN, INT8_MAX);
    }
}
