#include "batch_normalization_f32.h"

#include "clamp_f32.h"
#include "four_f32.h"

/* y may be x: four values are read before four are written. */
static void simref_scale_and_shift_f32(const float *x, const float *scale, const float *offset, float *y,
                                       int32_t count) {
    for (; count >= 4; count -= 4) {
        /* Loads after the steps, see dot_f32.c. */
        x += 4;
        scale += 4;
        offset += 4;
        y += 4;
        struct simref_four_f32 sums = simref_load_f32(offset - 4);
        const struct simref_four_f32 factors = simref_load_f32(scale - 4);
        simref_add_lanes_f32(&sums, x - 4, &factors);
        y[-4] = sums.c0;
        y[-3] = sums.c1;
        y[-2] = sums.c2;
        y[-1] = sums.c3;
    }
    for (; count != 0; count--) {
        *y++ = simref_fma_f32(*x++, *scale++, *offset++);
    }
}

void simref_batch_normalization_f32(const struct simref_batch_normalization_f32_params *p, const float *x,
                                    const float *scale, const float *offset, float *y) {
    const int32_t channels = p->channels, elements = p->pixels * channels;
    for (int32_t done = 0; done < elements; done += channels) {
        simref_scale_and_shift_f32(x + done, scale, offset, y + done, channels);
    }
    simref_clamp_f32(y, elements, p->low, p->high);
}
