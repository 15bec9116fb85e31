#include "hard_sigmoid.h"

#include "clamped_f32.h"
#include "float32.h"

SIMREF_DEFINE_UNARY(hard_sigmoid_array_f32, float,
                    simref_clamped_f32(simref_fma_f32(p.alpha, x, p.beta), 0.0f, 1.0f))
