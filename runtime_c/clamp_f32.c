#include "clamp_f32.h"

/* Every element is stored, changed or not: a store under a condition costs more than it saves. */
static void simref_raise_f32(float *y, int32_t count, float low) {
    for (const float *end = y + count; y != end; y++) {
        const float x = *y;
        *y = x < low ? low : x;
    }
}

static void simref_lower_f32(float *y, int32_t count, float high) {
    for (const float *end = y + count; y != end; y++) {
        const float x = *y;
        *y = x > high ? high : x;
    }
}

void simref_clamp_f32(float *y, int32_t count, float low, float high) {
    if (low > -__builtin_inff()) {
        simref_raise_f32(y, count, low);
    }
    if (high < __builtin_inff()) {
        simref_lower_f32(y, count, high);
    }
}
