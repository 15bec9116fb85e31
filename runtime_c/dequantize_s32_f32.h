/* y = scale * (x - zero_point): the difference is rounded to float32, then the product. */
#ifndef SIMREF_DEQUANTIZE_S32_F32_H
#define SIMREF_DEQUANTIZE_S32_F32_H

#include <stdint.h>

struct simref_dequantize_s32_f32_params {
    int32_t count;
    int32_t zero_point;
    float scale;
};

void simref_dequantize_s32_f32(const struct simref_dequantize_s32_f32_params *p, const int32_t *x, float *y);

#endif
