#include "reduce_max_s8.h"

static inline int8_t simref_largest_of(const struct simref_reduce_max_s8_params *p, const int8_t *x) {
    const int32_t step = p->step;
    int32_t index[SIMREF_REDUCED_LOOPS] = {0};
    int32_t found = *x;
    for (;;) {
        const int8_t *from = x;
        for (int32_t i = p->count; i != 0; i--) {
            found = *from > found ? *from : found;
            from += step;
        }
        const int32_t loop = simref_next_step(index, p->reduced_count, SIMREF_REDUCED_LOOPS);
        if (loop == SIMREF_REDUCED_LOOPS) {
            return (int8_t)found;
        }
        x += p->reduced_advance[loop];
    }
}

void simref_reduce_max_s8(const struct simref_reduce_max_s8_params *p, const int8_t *x, int8_t *y) {
    int32_t index[SIMREF_KEPT_LOOPS] = {0};
    for (;;) {
        *y++ = simref_largest_of(p, x);
        const int32_t loop = simref_next_step(index, p->kept_count, SIMREF_KEPT_LOOPS);
        if (loop == SIMREF_KEPT_LOOPS) {
            return;
        }
        x += p->kept_advance[loop];
    }
}
