/* Integer division that is defined for all operands: by 0 it gives quotient and remainder 0, and the smallest
 * integer over -1 wraps. */
#ifndef SIMREF_DIVISION_H
#define SIMREF_DIVISION_H

#include <stdint.h>

/* quotient, remainder: rounded towards zero; floor_...: towards minus infinity, so that the remainder has the
 * divisor's sign. */
#define SIMREF_DEFINE_DIVISION(name, T, U)                                                                   \
    static inline T simref_quotient_##name(T a, T b) {                                                       \
        if (b == 0) {                                                                                        \
            return 0;                                                                                        \
        }                                                                                                    \
        return b == -1 ? (T)((U)0 - (U)a) : a / b;                                                           \
    }                                                                                                        \
    static inline T simref_remainder_##name(T a, T b) {                                                      \
        return b == 0 || b == -1 ? 0 : a % b;                                                                \
    }                                                                                                        \
    static inline T simref_floor_quotient_##name(T a, T b) {                                                 \
        const T remainder = simref_remainder_##name(a, b);                                                   \
        return simref_quotient_##name(a, b) - (remainder != 0 && (remainder < 0) != (b < 0));                \
    }                                                                                                        \
    static inline T simref_floor_remainder_##name(T a, T b) {                                                \
        const T remainder = simref_remainder_##name(a, b);                                                   \
        return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;                     \
    }

SIMREF_DEFINE_DIVISION(s32, int32_t, uint32_t)
SIMREF_DEFINE_DIVISION(s64, int64_t, uint64_t)

#endif
