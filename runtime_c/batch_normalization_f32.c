#include "batch_normalization_f32.h"

#include "clamp_f32.h"
#include "float32.h"

void simref_batch_normalization_f32(const struct simref_batch_normalization_f32_params *p, const float *x,
                                    const float *scale, const float *offset, float *y) {
    const int32_t channels = p->channels;
    for (int32_t pixel = 0; pixel < p->pixels; pixel++) {
        for (int32_t c = 0; c < channels; c++) {
            y[c] = simref_fma_f32(x[c], scale[c], offset[c]);
        }
        simref_clamp_f32(y, channels, p->low, p->high);
        x += channels;
        y += channels;
    }
}
