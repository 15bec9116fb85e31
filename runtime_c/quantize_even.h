/* y = round(x / scale) + zero_point, ties to even, clamped to the integer type; a NaN gives zero_point. */
#ifndef SIMREF_QUANTIZE_EVEN_H
#define SIMREF_QUANTIZE_EVEN_H

#include <stdint.h>

#define SIMREF_DECLARE_QUANTIZE_EVEN(name, Y)                                                                \
    struct simref_##name##_params {                                                                          \
        int32_t count;                                                                                       \
        int32_t zero_point;                                                                                  \
        float scale;                                                                                         \
    };                                                                                                       \
    void simref_##name(const struct simref_##name##_params *p, const float *x, Y *y)

SIMREF_DECLARE_QUANTIZE_EVEN(quantize_even_f32_s8, int8_t);
SIMREF_DECLARE_QUANTIZE_EVEN(quantize_even_f32_u8, uint8_t);
SIMREF_DECLARE_QUANTIZE_EVEN(quantize_even_f32_s16, int16_t);

#endif
