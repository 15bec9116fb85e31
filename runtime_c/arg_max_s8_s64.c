#include "arg_max_s8_s64.h"

#include "arg_max.h"

void simref_arg_max_s8_s64(const struct simref_arg_max_s8_s64_params *p, const int8_t *x, int64_t *y) {
    const int32_t count = p->count, inner = p->inner;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < inner; i++) {
            *y++ = simref_arg_max(x + i, count, inner);
        }
        x += count * inner;
    }
}
