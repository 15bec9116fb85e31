#include "cast.h"

#include "float16.h"

/* How a number becomes one of each type; a float is compared with the first value that does not fit. */
#define SIMREF_TO_b8(x) ((uint8_t)((x) != 0))
#define SIMREF_TO_s8(x) ((int8_t)(x))
#define SIMREF_TO_u8(x) ((uint8_t)(x))
#define SIMREF_TO_s16(x) ((int16_t)(x))
#define SIMREF_TO_u16(x) ((uint16_t)(x))
#define SIMREF_TO_s32(x) ((int32_t)(x))
#define SIMREF_TO_u32(x) ((uint32_t)(x))
#define SIMREF_TO_s64(x) ((int64_t)(x))
#define SIMREF_TO_u64(x) ((uint64_t)(x))
#define SIMREF_TO_f16(x) simref_f16_of_f32((float)(x))
#define SIMREF_TO_f32(x) ((float)(x))
#define SIMREF_TO_f64(x) ((double)(x))

#define SIMREF_SATURATED(x, Y, low, high, first)                                                             \
    ((x) >= (float)(low) && (x) < (first) ? (Y)(x) : (x) < 0 ? (Y)(low) : (Y)(high))
#define SIMREF_FLOAT_TO_b8(x) ((uint8_t)((x) != 0))
#define SIMREF_FLOAT_TO_s8(x) SIMREF_SATURATED(x, int8_t, INT8_MIN, INT8_MAX, 0x1p7f)
#define SIMREF_FLOAT_TO_u8(x) SIMREF_SATURATED(x, uint8_t, 0, UINT8_MAX, 0x1p8f)
#define SIMREF_FLOAT_TO_s16(x) SIMREF_SATURATED(x, int16_t, INT16_MIN, INT16_MAX, 0x1p15f)
#define SIMREF_FLOAT_TO_u16(x) SIMREF_SATURATED(x, uint16_t, 0, UINT16_MAX, 0x1p16f)
#define SIMREF_FLOAT_TO_s32(x) SIMREF_SATURATED(x, int32_t, INT32_MIN, INT32_MAX, 0x1p31f)
#define SIMREF_FLOAT_TO_u32(x) SIMREF_SATURATED(x, uint32_t, 0, UINT32_MAX, 0x1p32f)
#define SIMREF_FLOAT_TO_s64(x) SIMREF_SATURATED(x, int64_t, INT64_MIN, INT64_MAX, 0x1p63f)
#define SIMREF_FLOAT_TO_u64(x) SIMREF_SATURATED(x, uint64_t, 0, UINT64_MAX, 0x1p64f)
#define SIMREF_FLOAT_TO_f16(x)                                                                               \
    (sizeof(x) == sizeof(float) ? simref_f16_of_f32((float)(x)) : simref_f16_of_f64((double)(x)))
#define SIMREF_FLOAT_TO_f32(x) ((float)(x))
#define SIMREF_FLOAT_TO_f64(x) ((double)(x))

#define SIMREF_SAME(x) (x)

/* read: an X as the number that `convert` takes, which is a V. */
#define SIMREF_CAST(source, X, target, Y, V, read, convert)                                                  \
    void simref_cast_##source##_##target(const struct simref_cast_##source##_##target##_params *p,           \
                                         const X *x, Y *y) {                                                 \
        const X *const end = x + p->count;                                                                   \
        do {                                                                                                 \
            const V value = read(*x++);                                                                      \
            *y++ = convert(value);                                                                           \
        } while (x != end);                                                                                  \
    }
#define SIMREF_CAST_INTEGER(source, X, target, Y)                                                            \
    SIMREF_CAST(source, X, target, Y, X, SIMREF_SAME, SIMREF_TO_##target)
#define SIMREF_CAST_FLOAT(source, X, target, Y)                                                              \
    SIMREF_CAST(source, X, target, Y, X, SIMREF_SAME, SIMREF_FLOAT_TO_##target)
#define SIMREF_CAST_HALF(source, X, target, Y)                                                               \
    SIMREF_CAST(source, X, target, Y, float, simref_f32_of_f16, SIMREF_FLOAT_TO_##target)

SIMREF_EACH_CAST_OF_INTEGERS(SIMREF_CAST_INTEGER)
SIMREF_EACH_CAST(SIMREF_CAST_HALF, f16, uint16_t)
SIMREF_EACH_CAST(SIMREF_CAST_FLOAT, f32, float)
SIMREF_EACH_CAST(SIMREF_CAST_FLOAT, f64, double)
