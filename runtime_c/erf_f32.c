#include "erf_f32.h"

#include "constants_f32.h"
#include "exp_f32.h"
#include "float32.h"

float simref_erf_f32(float x) {
    const float a = __builtin_fabsf(x);
    float y = 1.0f;
    if (a < SIMREF_ERF_SMALL) {
        y = simref_fma_f32(a, simref_erf_polynomial_f32(a * a), a);
    } else if (!(a > SIMREF_ERF_HIGHEST)) {
        y = 1.0f - simref_exp_f32(a * simref_erf_tail_polynomial_f32(a));
    }
    return __builtin_copysignf(y, x);
}
