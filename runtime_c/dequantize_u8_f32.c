#include "dequantize_u8_f32.h"

void simref_dequantize_u8_f32(const struct simref_dequantize_u8_f32_params *p, const uint8_t *x, float *y) {
    const int32_t zero_point = p->zero_point;
    const float scale = p->scale;
    const uint8_t *const end = x + p->count;
    while (x != end) {
        *y++ = scale * (float)(*x++ - zero_point);
    }
}
