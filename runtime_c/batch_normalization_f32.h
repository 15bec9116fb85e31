/* y = x * scale + offset, per channel, then clamped. */
#ifndef SIMREF_BATCH_NORMALIZATION_F32_H
#define SIMREF_BATCH_NORMALIZATION_F32_H

#include <stdint.h>

/* x, y: [pixels][channels]; scale, offset: [channels]. */
struct simref_batch_normalization_f32_params {
    int32_t pixels;
    int32_t channels;
    float low;
    float high;
};

/* y may be x. */
void simref_batch_normalization_f32(const struct simref_batch_normalization_f32_params *p, const float *x,
                                    const float *scale, const float *offset, float *y);

#endif
