/* y = x / max(sqrt(sum of squares of the row), epsilon) */
#ifndef SIMREF_L2_NORMALIZATION_F32_H
#define SIMREF_L2_NORMALIZATION_F32_H

#include <stdint.h>

/* x, y: [rows][depth]. */
struct simref_l2_normalization_f32_params {
    int32_t rows;
    int32_t depth;
    float epsilon;
};

/* y may be x. */
void simref_l2_normalization_f32(const struct simref_l2_normalization_f32_params *p, const float *x,
                                 float *y);

#endif
