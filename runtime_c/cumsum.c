#include "cumsum.h"

/* U: the type that T is added as. */
#define SIMREF_DEFINE_CUMSUM(name, T, U)                                                                     \
    static void simref_##name##_row(const T *x, T *y, int32_t count, int32_t step, int32_t exclusive) {      \
        U sum = 0;                                                                                           \
        for (int32_t i = count; i != 0; i--) {                                                               \
            const U before = sum;                                                                            \
            sum += (U) * x;                                                                                  \
            *y = (T)(exclusive ? before : sum);                                                              \
            x += step;                                                                                       \
            y += step;                                                                                       \
        }                                                                                                    \
    }                                                                                                        \
    void simref_##name(const struct simref_##name##_params *p, const T *x, T *y) {                           \
        const int32_t image = p->count * p->inner;                                                           \
        const int32_t first = p->reverse ? image - p->inner : 0;                                             \
        const int32_t step = p->reverse ? -p->inner : p->inner;                                              \
        for (int32_t o = 0; o < p->outer; o++) {                                                             \
            for (int32_t i = first; i < first + p->inner; i++) {                                             \
                simref_##name##_row(x + i, y + i, p->count, step, p->exclusive);                             \
            }                                                                                                \
            x += image;                                                                                      \
            y += image;                                                                                      \
        }                                                                                                    \
    }

SIMREF_DEFINE_CUMSUM(cumsum_f32, float, float)
SIMREF_DEFINE_CUMSUM(cumsum_s32, int32_t, uint32_t)
SIMREF_DEFINE_CUMSUM(cumsum_s64, int64_t, uint64_t)
