#include "requantize.h"

static inline int8_t simref_output(int32_t sum, int32_t multiplier, int32_t shift, int32_t zero_point) {
    return simref_saturate_s8(simref_scale(sum, multiplier, shift) + zero_point);
}

void simref_requantize_row(const int32_t *sums, int32_t channels, const int32_t *multiplier,
                           const int8_t *shift, int32_t zero_point, int8_t *y) {
    for (const int32_t *end = sums + channels; sums != end; sums++) {
        *y++ = simref_output(*sums, *multiplier++, *shift++, zero_point);
    }
}

void simref_requantize_rows(const int32_t *sums, int32_t channels, const int32_t *multiplier,
                            const int8_t *shift, int32_t zero_point, int8_t *y0, int8_t *y1) {
#if SIMREF_LONG_MULTIPLY
    for (const int32_t *end = sums + channels; sums != end; sums++) {
        const int32_t m = *multiplier++;
        const int32_t s = *shift++;
        const int32_t sum1 = sums[SIMREF_SECOND_ROW];
        *y0++ = simref_output(*sums, m, s, zero_point);
        *y1++ = simref_output(sum1, m, s, zero_point);
    }
#else
    simref_requantize_row(sums, channels, multiplier, shift, zero_point, y0);
    simref_requantize_row(sums + SIMREF_SECOND_ROW, channels, multiplier, shift, zero_point, y1);
#endif
}

void simref_narrow(int8_t *y, int32_t count, int32_t low, int32_t high) {
    if (low <= INT8_MIN && high >= INT8_MAX) {
        return;
    }
    for (int32_t k = 0; k < count; k++) {
        y[k] = (int8_t)simref_clamp(y[k], low, high);
    }
}
