#include "hard_swish.h"

static inline float simref_to_six_f32(float x) {
    const float raised = x < 0.0f ? 0.0f : x;
    return raised > 6.0f ? 6.0f : raised;
}

SIMREF_DEFINE_UNARY(hard_swish_array_f32, float, x *simref_to_six_f32(x + 3.0f) * (1.0f / 6.0f))
