/* Values less their mean, divided by their standard deviation, scaled and shifted. */
#ifndef SIMREF_NORMALIZE_F32_H
#define SIMREF_NORMALIZE_F32_H

#include <stdint.h>

/* One group of count values that lie step apart. With n = count, one lane each, in order:
 *   mean = (0 + x[0] + x[1] + ...) / n
 *   variance = (0 + d[0]^2 + d[1]^2 + ...) / n, d = x - mean, each square a multiply-add
 *   y = (d * (1 / sqrt(variance + epsilon))) * gamma + beta, the last two a multiply-add
 * gamma and beta lie affine_step apart, 0 for one value of each; NULL stands for 1 and 0. y may be x. */
struct simref_group_f32 {
    int32_t count;
    int32_t step;
    int32_t affine_step;
    float epsilon;
};

void simref_normalize_f32(const struct simref_group_f32 *group, const float *x, const float *gamma,
                          const float *beta, float *y);

#endif
