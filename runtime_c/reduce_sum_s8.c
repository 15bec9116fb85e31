#include "reduce_sum_s8.h"

#include "fixedpoint.h"

static inline int32_t simref_sum_of(const struct simref_reduce_sum_s8_params *p, const int8_t *x) {
    const int32_t step = p->step, mask = p->mask;
    int32_t index[SIMREF_REDUCED_LOOPS] = {0};
    int32_t sum = 0;
    for (;;) {
        const int8_t *from = x;
        for (int32_t i = p->count; i != 0; i--) {
            sum += *from & mask;
            from += step;
        }
        const int32_t loop = simref_next_step(index, p->reduced_count, SIMREF_REDUCED_LOOPS);
        if (loop == SIMREF_REDUCED_LOOPS) {
            return sum;
        }
        x += p->reduced_advance[loop];
    }
}

void simref_reduce_sum_s8(const struct simref_reduce_sum_s8_params *p, const int8_t *x, void *y) {
    uint8_t *to = y;
    int32_t index[SIMREF_KEPT_LOOPS] = {0};
    for (;;) {
        const int32_t scaled =
            simref_multiply_by_quantized_multiplier(simref_sum_of(p, x) + p->bias, p->multiplier, p->shift);
        *to++ = (uint8_t)simref_clamp(scaled + p->zero_point, p->low, p->high);
        const int32_t loop = simref_next_step(index, p->kept_count, SIMREF_KEPT_LOOPS);
        if (loop == SIMREF_KEPT_LOOPS) {
            return;
        }
        x += p->kept_advance[loop];
    }
}
