#include "softplus.h"

#include "exp_f32.h"
#include "log1p_f32.h"

/* max(x, 0) + ln(1 + exp(-|x|)), where nothing overflows. */
static inline float simref_softplus_f32(float x) {
    const float rest = simref_log1p_f32(simref_exp_f32(x < 0.0f ? x : -x));
    return x < 0.0f ? rest : x + rest;
}

SIMREF_DEFINE_UNARY(softplus_array_f32, float, simref_softplus_f32(x))
