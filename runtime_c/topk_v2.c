#include "topk_v2.h"

#include "store_index.h"

#define SIMREF_ABOVE_F32(a, b) ((a) > (b) || ((a) != (a) && (b) == (b)))
#define SIMREF_ABOVE(a, b) ((a) > (b))

/* Insertion into what was found so far, from its end; above: of T. */
#define SIMREF_DEFINE_TOPK_V2(name, T, above)                                                                \
    static void simref_##name##_row(const struct simref_##name##_params *p, const T *x, T *values,           \
                                    void *indices, int32_t place) {                                          \
        const int32_t step = p->inner;                                                                       \
        for (int32_t i = 0; i < p->count; i++) {                                                             \
            const T value = x[i * step];                                                                     \
            int32_t at = i < p->k ? i : p->k;                                                                \
            for (; at != 0; at--) {                                                                          \
                const T other = values[(at - 1) * step];                                                     \
                if (!(p->largest ? above(value, other) : above(other, value))) {                             \
                    break;                                                                                   \
                }                                                                                            \
                if (at < p->k) {                                                                             \
                    values[at * step] = other;                                                               \
                    simref_copy_index(indices, place + at * step, place + (at - 1) * step, p->index_bytes);  \
                }                                                                                            \
            }                                                                                                \
            if (at < p->k) {                                                                                 \
                values[at * step] = value;                                                                   \
                simref_store_index(indices, place + at * step, i, p->index_bytes);                           \
            }                                                                                                \
        }                                                                                                    \
    }                                                                                                        \
    void simref_##name(const struct simref_##name##_params *p, const T *x, T *values, void *indices) {       \
        const int32_t image = p->count * p->inner, found = p->k * p->inner;                                  \
        for (int32_t o = 0; o < p->outer; o++) {                                                             \
            for (int32_t i = 0; i < p->inner; i++) {                                                         \
                simref_##name##_row(p, x + i, values + i, indices, o * found + i);                           \
            }                                                                                                \
            x += image;                                                                                      \
            values += found;                                                                                 \
        }                                                                                                    \
    }

SIMREF_DEFINE_TOPK_V2(topk_v2_f32, float, SIMREF_ABOVE_F32)
SIMREF_DEFINE_TOPK_V2(topk_v2_s8, int8_t, SIMREF_ABOVE)
SIMREF_DEFINE_TOPK_V2(topk_v2_s32, int32_t, SIMREF_ABOVE)
SIMREF_DEFINE_TOPK_V2(topk_v2_s64, int64_t, SIMREF_ABOVE)
