#include "pow.h"

#include "pow_f32.h"

#define SIMREF_DEFINE_INTEGER_POWER(name, X, U)                                                              \
    static inline U simref_##name(X a, X b) {                                                                \
        U power = 1, square = (U)a;                                                                          \
        if (b < 0) {                                                                                         \
            return a == 1 || (a == -1 && b % 2 == 0) ? 1 : a == -1 ? square : 0;                             \
        }                                                                                                    \
        for (; b != 0; b /= 2) {                                                                             \
            power *= b % 2 != 0 ? square : 1;                                                                \
            square *= square;                                                                                \
        }                                                                                                    \
        return power;                                                                                        \
    }

SIMREF_DEFINE_INTEGER_POWER(power_s32, int32_t, uint32_t)
SIMREF_DEFINE_INTEGER_POWER(power_s64, int64_t, uint64_t)

SIMREF_DEFINE_BINARY(pow_array_f32, float, float, simref_pow_f32(a, b))
SIMREF_DEFINE_BINARY(pow_array_s32, int32_t, int32_t, simref_power_s32(a, b))
SIMREF_DEFINE_BINARY(pow_array_s64, int64_t, int64_t, simref_power_s64(a, b))
