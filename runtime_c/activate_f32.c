#include "activate_f32.h"

#include "clamped_f32.h"
#include "float32.h"
#include "sigmoid_f32.h"
#include "tanh_f32.h"

float simref_activate_f32(int32_t activation, float x) {
    switch (activation) {
    case SIMREF_TANH:
        return simref_tanh_f32(x);
    case SIMREF_SIGMOID:
        return simref_sigmoid_f32(x);
    case SIMREF_RELU:
        return x < 0.0f ? 0.0f : x;
    case SIMREF_RELU6:
        return simref_clamped_f32(x, 0.0f, 6.0f);
    case SIMREF_HARD_SIGMOID:
        return simref_clamped_f32(simref_fma_f32(x, 1.0f / 5.0f, 0.5f), 0.0f, 1.0f);
    case SIMREF_HARD_SIGMOID_3:
        return simref_clamped_f32(simref_fma_f32(x, 1.0f / 6.0f, 0.5f), 0.0f, 1.0f);
    case SIMREF_SOFTSIGN:
        return x / (1.0f + __builtin_fabsf(x));
    default:
        return x;
    }
}
