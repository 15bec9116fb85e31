/* y = round(x / scale) + zero_point, clamped. */
#ifndef SIMREF_QUANTIZE_F32_S16_H
#define SIMREF_QUANTIZE_F32_S16_H

#include <stdint.h>

/* scale, exponent and reciprocal: see simref_round_quotient_f32. */
struct simref_quantize_f32_s16_params {
    int32_t count;
    int32_t zero_point;
    int32_t low;
    int32_t high;
    int32_t exponent;
    uint32_t reciprocal;
    float scale;
};

/* y: count values, not where x is. */
void simref_quantize_f32_s16(const struct simref_quantize_f32_s16_params *p, const float *x, int16_t *y);

#endif
