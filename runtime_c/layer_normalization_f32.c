#include "layer_normalization_f32.h"

void simref_layer_normalization_f32(const struct simref_layer_normalization_f32_params *p, const float *x,
                                    const float *gamma, const float *beta, float *y) {
    for (int32_t row = 0; row < p->rows; row++) {
        simref_normalize_f32(&p->group, x, gamma, beta, y);
        x += p->group.count;
        y += p->group.count;
    }
}
