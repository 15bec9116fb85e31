#include "log1p_f32.h"

#include "log_f32.h"

float simref_log1p_f32(float x) {
    if (x == 0.0f) {
        return x;
    }
    /* 1 + x = u + rest exactly. */
    const float u = 1.0f + x;
    const float rest = (1.0f - (u - (u - 1.0f))) + (x - (u - 1.0f));
    return simref_log_parts_f32(u, 0, rest / u);
}
