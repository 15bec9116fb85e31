#include "clamp_f32.h"

static void simref_raise_f32(float *y, int32_t count, float low) {
    for (const float *end = y + count; y != end; y++) {
        if (*y < low) {
            *y = low;
        }
    }
}

static void simref_lower_f32(float *y, int32_t count, float high) {
    for (const float *end = y + count; y != end; y++) {
        if (*y > high) {
            *y = high;
        }
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
