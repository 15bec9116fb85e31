#include "quantize_f32_s8.h"

#include "fixedpoint.h"
#include "round_f32.h"

void simref_quantize_f32_s8(const struct simref_quantize_f32_s8_params *p, const float *x, void *y) {
    const float scale = p->scale;
    const int32_t zero_point = p->zero_point, low = p->low, high = p->high;
    const float *const end = x + p->count;
    uint8_t *to = y;
    while (x != end) {
        *to++ = (uint8_t)simref_clamp(simref_round_f32(*x++ / scale) + zero_point, low, high);
    }
}
