#include "hard_sigmoid.h"

#include "float32.h"

static inline float simref_unit_f32(float x) {
    const float raised = x < 0.0f ? 0.0f : x;
    return raised > 1.0f ? 1.0f : raised;
}

SIMREF_DEFINE_UNARY(hard_sigmoid_array_f32, float, simref_unit_f32(simref_fma_f32(p.alpha, x, p.beta)))
