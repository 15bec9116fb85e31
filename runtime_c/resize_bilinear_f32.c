#include "resize_bilinear_f32.h"

#include "float32.h"

static inline float simref_between_f32(float low, float high, float weight) {
    return simref_fma_f32(weight, high - low, low);
}

static inline void simref_bilinear_pixel_f32(const float *top, const float *bottom, int32_t right,
                                             float across, float down, float *y, int32_t channels) {
    for (int32_t c = 0; c < channels; c++) {
        const float above = simref_between_f32(top[c], top[c + right], across);
        const float below = simref_between_f32(bottom[c], bottom[c + right], across);
        y[c] = simref_between_f32(above, below, down);
    }
}

void simref_resize_bilinear_f32(const struct simref_resize_bilinear_f32_params *p, const float *x, float *y) {
    for (int32_t h = 0; h < p->output_height; h++) {
        const float *top = x + p->rows[2 * h];
        const float *bottom = x + p->rows[2 * h + 1];
        for (int32_t w = 0; w < p->output_width; w++, y += p->channels) {
            const int32_t left = p->columns[2 * w];
            const int32_t right = p->columns[2 * w + 1] - left;
            simref_bilinear_pixel_f32(top + left, bottom + left, right, p->column_weights[w],
                                      p->row_weights[h], y, p->channels);
        }
    }
}
