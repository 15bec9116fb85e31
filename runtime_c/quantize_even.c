#include "quantize_even.h"

#include "fixedpoint.h"
#include "integral_f32.h"

/* Beyond what any type and zero point leave, so that the sum with a zero point cannot overflow. */
#define SIMREF_FAR 131072.0f

static inline int32_t simref_rounded_f32(float x) {
    const float rounded = simref_round_even_f32(x);
    if (rounded > -SIMREF_FAR && rounded < SIMREF_FAR) {
        return (int32_t)rounded;
    }
    return rounded != rounded ? 0 : rounded < 0.0f ? -(int32_t)SIMREF_FAR : (int32_t)SIMREF_FAR;
}

#define SIMREF_DEFINE_QUANTIZE_EVEN(name, Y, low, high)                                                      \
    void simref_##name(const struct simref_##name##_params *p, const float *x, Y *y) {                       \
        const float *const end = x + p->count;                                                               \
        const int32_t zero_point = p->zero_point;                                                            \
        const float scale = p->scale;                                                                        \
        do {                                                                                                 \
            *y++ = (Y)simref_clamp(simref_rounded_f32(*x++ / scale) + zero_point, low, high);                \
        } while (x != end);                                                                                  \
    }

SIMREF_DEFINE_QUANTIZE_EVEN(quantize_even_f32_s8, int8_t, INT8_MIN, INT8_MAX)
SIMREF_DEFINE_QUANTIZE_EVEN(quantize_even_f32_u8, uint8_t, 0, UINT8_MAX)
SIMREF_DEFINE_QUANTIZE_EVEN(quantize_even_f32_s16, int16_t, INT16_MIN, INT16_MAX)
