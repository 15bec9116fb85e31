/* y = x as a number of another type: integers wrap or become the nearest float, floats go towards zero and
 * saturate, NaN to the largest integer; floats become the nearest float, ties to even; b8 is x != 0. f16 is
 * given as the 16 bits of IEEE 754's binary16, for which C99 has no type. */
#ifndef SIMREF_CAST_H
#define SIMREF_CAST_H

#include <stdint.h>

/* DO(source, X, target, Y) for each target. */
#define SIMREF_EACH_CAST(DO, source, X)                                                                      \
    DO(source, X, b8, uint8_t)                                                                               \
    DO(source, X, s8, int8_t)                                                                                \
    DO(source, X, u8, uint8_t)                                                                               \
    DO(source, X, s16, int16_t)                                                                              \
    DO(source, X, u16, uint16_t)                                                                             \
    DO(source, X, s32, int32_t)                                                                              \
    DO(source, X, u32, uint32_t)                                                                             \
    DO(source, X, s64, int64_t)                                                                              \
    DO(source, X, u64, uint64_t)                                                                             \
    DO(source, X, f16, uint16_t)                                                                             \
    DO(source, X, f32, float)                                                                                \
    DO(source, X, f64, double)

#define SIMREF_EACH_CAST_OF_INTEGERS(DO)                                                                     \
    SIMREF_EACH_CAST(DO, b8, uint8_t)                                                                        \
    SIMREF_EACH_CAST(DO, s8, int8_t)                                                                         \
    SIMREF_EACH_CAST(DO, u8, uint8_t)                                                                        \
    SIMREF_EACH_CAST(DO, s16, int16_t)                                                                       \
    SIMREF_EACH_CAST(DO, u16, uint16_t)                                                                      \
    SIMREF_EACH_CAST(DO, s32, int32_t)                                                                       \
    SIMREF_EACH_CAST(DO, u32, uint32_t)                                                                      \
    SIMREF_EACH_CAST(DO, s64, int64_t)                                                                       \
    SIMREF_EACH_CAST(DO, u64, uint64_t)

#define SIMREF_DECLARE_CAST(source, X, target, Y)                                                            \
    struct simref_cast_##source##_##target##_params {                                                        \
        int32_t count;                                                                                       \
    };                                                                                                       \
    void simref_cast_##source##_##target(const struct simref_cast_##source##_##target##_params *p,           \
                                         const X *x, Y *y);

SIMREF_EACH_CAST_OF_INTEGERS(SIMREF_DECLARE_CAST)
SIMREF_EACH_CAST(SIMREF_DECLARE_CAST, f16, uint16_t)
SIMREF_EACH_CAST(SIMREF_DECLARE_CAST, f32, float)
SIMREF_EACH_CAST(SIMREF_DECLARE_CAST, f64, double)

#endif
