#include "cumsum.h"

/* U: the type that T is added as. */
#define SIMREF_DEFINE_CUMSUM(name, T, U)                                                                     \
    static void simref_##name##_row(const struct simref_##name##_params *p, const T *x, T *y) {              \
        const int32_t step = p->reverse ? -p->inner : p->inner, exclusive = p->exclusive;                    \
        int32_t at = p->reverse ? (p->count - 1) * p->inner : 0;                                             \
        U sum = 0;                                                                                           \
        for (int32_t i = p->count; i != 0; i--) {                                                            \
            const U before = sum;                                                                            \
            sum += (U)x[at];                                                                                 \
            y[at] = (T)(exclusive ? before : sum);                                                           \
            at += step;                                                                                      \
        }                                                                                                    \
    }                                                                                                        \
    void simref_##name(const struct simref_##name##_params *p, const T *x, T *y) {                           \
        const int32_t image = p->count * p->inner;                                                           \
        for (int32_t o = 0; o < p->outer; o++) {                                                             \
            for (int32_t i = 0; i < p->inner; i++) {                                                         \
                simref_##name##_row(p, x + i, y + i);                                                        \
            }                                                                                                \
            x += image;                                                                                      \
            y += image;                                                                                      \
        }                                                                                                    \
    }

SIMREF_DEFINE_CUMSUM(cumsum_f32, float, float)
SIMREF_DEFINE_CUMSUM(cumsum_s32, int32_t, uint32_t)
SIMREF_DEFINE_CUMSUM(cumsum_s64, int64_t, uint64_t)
