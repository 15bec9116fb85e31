#include "dequantize_s32_f32.h"

void simref_dequantize_s32_f32(const struct simref_dequantize_s32_f32_params *p, const int32_t *x, float *y) {
    const uint32_t zero_point = (uint32_t)p->zero_point;
    const float scale = p->scale;
    const int32_t *const end = x + p->count;
    while (x != end) {
        *y++ = scale * (float)(int32_t)((uint32_t)*x++ - zero_point);
    }
}
