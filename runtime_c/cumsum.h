/* Running sums along one dimension; integers wrap. */
#ifndef SIMREF_CUMSUM_H
#define SIMREF_CUMSUM_H

#include <stdint.h>

/* x, y: [outer][count][inner], sums along count. exclusive: 1 to leave each element out of its own sum.
 * reverse: 1 to go from the last element to the first. y may be x. */
#define SIMREF_DECLARE_CUMSUM(name, T)                                                                       \
    struct simref_##name##_params {                                                                          \
        int32_t outer;                                                                                       \
        int32_t count;                                                                                       \
        int32_t inner;                                                                                       \
        int32_t exclusive;                                                                                   \
        int32_t reverse;                                                                                     \
    };                                                                                                       \
    void simref_##name(const struct simref_##name##_params *p, const T *x, T *y)

SIMREF_DECLARE_CUMSUM(cumsum_f32, float);
SIMREF_DECLARE_CUMSUM(cumsum_s32, int32_t);
SIMREF_DECLARE_CUMSUM(cumsum_s64, int64_t);

#endif
