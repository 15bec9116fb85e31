#include "dequantize_s16_f32.h"

void simref_dequantize_s16_f32(const struct simref_dequantize_s16_f32_params *p, const int16_t *x, float *y) {
    const int32_t zero_point = p->zero_point;
    const float scale = p->scale;
    const int16_t *const end = x + p->count;
    while (x != end) {
        *y++ = scale * (float)(*x++ - zero_point);
    }
}
