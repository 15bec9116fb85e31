/* Each channel of each image normalized, with a scale and a shift for each channel. */
#ifndef SIMREF_INSTANCE_NORMALIZATION_F32_H
#define SIMREF_INSTANCE_NORMALIZATION_F32_H

#include "normalize_f32.h"

/* x, y: [images][group.count][channels]; group.step is channels, group.affine_step 0. */
struct simref_instance_normalization_f32_params {
    int32_t images;
    int32_t channels;
    struct simref_group_f32 group;
};

/* scale, bias: [channels], or NULL for 1 and 0. y may be x. */
void simref_instance_normalization_f32(const struct simref_instance_normalization_f32_params *p,
                                       const float *x, const float *scale, const float *bias, float *y);

#endif
