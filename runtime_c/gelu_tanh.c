#include "gelu_tanh.h"

#include "tanh_f32.h"

SIMREF_DEFINE_UNARY(gelu_tanh_array_f32, float,
                    0.5f * x * (1.0f + simref_tanh_f32(0.797884583f * (x + 0.044715f * (x * x * x)))))
