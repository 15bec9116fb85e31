/* Each row normalized, with a scale and a shift for each of its places. */
#ifndef SIMREF_LAYER_NORMALIZATION_F32_H
#define SIMREF_LAYER_NORMALIZATION_F32_H

#include "normalize_f32.h"

/* x, y: rows of group.count; group.step and group.affine_step are 1. */
struct simref_layer_normalization_f32_params {
    int32_t rows;
    struct simref_group_f32 group;
};

/* gamma, beta: [group.count], or NULL for 1 and 0. y may be x. */
void simref_layer_normalization_f32(const struct simref_layer_normalization_f32_params *p, const float *x,
                                    const float *gamma, const float *beta, float *y);

#endif
