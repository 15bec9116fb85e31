#include "normalize_f32.h"

#include <stddef.h>

#include "float32.h"
#include "sqrt_f32.h"

static float simref_mean_f32(const float *x, int32_t count, int32_t step) {
    float sum = 0.0f;
    for (int32_t i = count; i != 0; i--) {
        sum += *x;
        x += step;
    }
    return sum / (float)count;
}

static float simref_variance_f32(const float *x, int32_t count, int32_t step, float mean) {
    float sum = 0.0f;
    for (int32_t i = count; i != 0; i--) {
        const float difference = *x - mean;
        sum = simref_fma_f32(difference, difference, sum);
        x += step;
    }
    return sum / (float)count;
}

void simref_normalize_f32(const struct simref_group_f32 *group, const float *x, const float *gamma,
                          const float *beta, float *y) {
    static const float one = 1.0f, zero = 0.0f;
    const int32_t step = group->step;
    const int32_t gamma_step = gamma == NULL ? 0 : group->affine_step;
    const int32_t beta_step = beta == NULL ? 0 : group->affine_step;
    gamma = gamma == NULL ? &one : gamma;
    beta = beta == NULL ? &zero : beta;
    const float mean = simref_mean_f32(x, group->count, step);
    const float variance = simref_variance_f32(x, group->count, step, mean);
    const float scale = simref_rsqrt_f32(variance + group->epsilon);
    for (int32_t i = group->count; i != 0; i--) {
        *y = simref_fma_f32((*x - mean) * scale, *gamma, *beta);
        x += step;
        y += step;
        gamma += gamma_step;
        beta += beta_step;
    }
}
