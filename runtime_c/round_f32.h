/* float32 to integer without a math library, alike on every core: with or without a floating-point unit. */
#ifndef SIMREF_ROUND_F32_H
#define SIMREF_ROUND_F32_H

#include <stdint.h>
#include <string.h>

#define SIMREF_ROUND_F32_LIMIT (1 << 17)

/* x to the nearest integer, ties away from zero, saturated at +-2^17; 0 for a NaN. Works on the IEEE 754
 * bits. */
static inline int32_t simref_round_f32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t exponent = (bits >> 23) & 0xffu;
    int32_t magnitude;
    if (exponent < 126) { /* below 0.5 */
        return 0;
    }
    if (exponent >= 127 + 17) {
        magnitude = (bits << 1) > 0xff000000u ? 0 : SIMREF_ROUND_F32_LIMIT;
    } else {
        const uint32_t significand = (bits & 0x7fffffu) | 0x800000u;
        const uint32_t shift = 150 - exponent; /* 7 to 24 */
        magnitude = (int32_t)((significand + (1u << (shift - 1))) >> shift);
    }
    return (bits >> 31) != 0 ? -magnitude : magnitude;
}

#endif
