#include "tanh_f32.h"

#include "constants_f32.h"
#include "exp_f32.h"
#include "float32.h"

float simref_tanh_f32(float x) {
    const float a = __builtin_fabsf(x);
    float y = 1.0f;
    if (a < SIMREF_TANH_SMALL) {
        const float square = x * x;
        y = simref_fma_f32(a * square, simref_tanh_polynomial_f32(square), a);
    } else if (!(a > SIMREF_TANH_HIGHEST)) {
        y = 1.0f - 2.0f / (simref_exp_f32(a + a) + 1.0f);
    }
    return __builtin_copysignf(y, x);
}
