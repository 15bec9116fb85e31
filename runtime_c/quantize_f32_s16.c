#include "quantize_f32_s16.h"

#include "fixedpoint.h"
#include "round_f32.h"

void simref_quantize_f32_s16(const struct simref_quantize_f32_s16_params *p, const float *x, int16_t *y) {
    const float scale = p->scale;
    const uint32_t reciprocal = p->reciprocal;
    const int32_t exponent = p->exponent;
    const int32_t zero_point = p->zero_point, low = p->low, high = p->high;
    const float *const end = x + p->count;
    int16_t *to = y;
    while (x != end) {
        const int32_t rounded = simref_round_quotient_f32(*x++, scale, reciprocal, exponent);
        *to++ = (int16_t)simref_clamp(rounded + zero_point, low, high);
    }
}
