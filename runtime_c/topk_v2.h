/* The k largest or smallest elements along one dimension, best first, and their places. */
#ifndef SIMREF_TOPK_V2_H
#define SIMREF_TOPK_V2_H

#include <stdint.h>

/* x: [outer][count][inner], values and indices: [outer][k][inner]. largest: 1 for the largest, 0 for the
 * smallest elements. indices: of 4 or 8 bytes. Of equal elements the first comes first; NaN counts as larger
 * than all. */
#define SIMREF_DECLARE_TOPK_V2(name, T)                                                                      \
    struct simref_##name##_params {                                                                          \
        int32_t outer;                                                                                       \
        int32_t count;                                                                                       \
        int32_t inner;                                                                                       \
        int32_t k;                                                                                           \
        int32_t largest;                                                                                     \
        int32_t index_bytes;                                                                                 \
    };                                                                                                       \
    void simref_##name(const struct simref_##name##_params *p, const T *x, T *values, void *indices)

SIMREF_DECLARE_TOPK_V2(topk_v2_f32, float);
SIMREF_DECLARE_TOPK_V2(topk_v2_s8, int8_t);
SIMREF_DECLARE_TOPK_V2(topk_v2_s32, int32_t);
SIMREF_DECLARE_TOPK_V2(topk_v2_s64, int64_t);

#endif
