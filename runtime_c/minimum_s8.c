#include "minimum_s8.h"

void simref_minimum_s8(const struct simref_minimum_s8_params *p, const int8_t *a, const int8_t *b,
                       int8_t *y) {
    const int32_t a_step = p->a_step, b_step = p->b_step;
    int32_t index[SIMREF_OUTER_LOOPS] = {0};
    for (;;) {
        const int8_t *a_row = a, *b_row = b;
        const int8_t *const end = y + p->count;
        do {
            *y++ = *a_row < *b_row ? *a_row : *b_row;
            a_row += a_step;
            b_row += b_step;
        } while (y != end);
        const int32_t loop = simref_next_row(index, p->outer_count);
        if (loop == SIMREF_OUTER_LOOPS) {
            return;
        }
        a += p->a_advance[loop];
        b += p->b_advance[loop];
    }
}
