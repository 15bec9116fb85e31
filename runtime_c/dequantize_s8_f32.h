/* y = scale * (x - zero_point). */
#ifndef SIMREF_DEQUANTIZE_S8_F32_H
#define SIMREF_DEQUANTIZE_S8_F32_H

#include <stdint.h>

struct simref_dequantize_s8_f32_params {
    int32_t count;
    int32_t zero_point;
    float scale;
};

void simref_dequantize_s8_f32(const struct simref_dequantize_s8_f32_params *p, const int8_t *x, float *y);

#endif
