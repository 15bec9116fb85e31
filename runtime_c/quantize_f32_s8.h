/* y = round(x / scale) + zero_point, clamped. */
#ifndef SIMREF_QUANTIZE_F32_S8_H
#define SIMREF_QUANTIZE_F32_S8_H

#include <stdint.h>

/* scale, exponent and reciprocal: see simref_round_quotient_f32. */
struct simref_quantize_f32_s8_params {
    int32_t count;
    int32_t zero_point;
    int32_t low;
    int32_t high;
    int32_t exponent;
    uint32_t reciprocal;
    float scale;
};

/* y: count bytes, int8 or uint8 by low and high; y may be x. */
void simref_quantize_f32_s8(const struct simref_quantize_f32_s8_params *p, const float *x, void *y);

#endif
