#include "instance_normalization_f32.h"

#include <stddef.h>

void simref_instance_normalization_f32(const struct simref_instance_normalization_f32_params *p,
                                       const float *x, const float *scale, const float *bias, float *y) {
    const int32_t channels = p->channels, image = p->group.count * channels;
    for (int32_t n = 0; n < p->images; n++) {
        for (int32_t c = 0; c < channels; c++) {
            simref_normalize_f32(&p->group, x + c, scale == NULL ? NULL : scale + c,
                                 bias == NULL ? NULL : bias + c, y + c);
        }
        x += image;
        y += image;
    }
}
