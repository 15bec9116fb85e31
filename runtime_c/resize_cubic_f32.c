#include "resize_cubic_f32.h"

#include "float32.h"

/* The weighted sum of four pixels of a row, from left to right. */
static inline float simref_cubic_row_f32(const float *row, const int32_t *columns, const float *weights) {
    float sum = weights[0] * row[columns[0]];
    for (int32_t k = 1; k < SIMREF_CUBIC_TAPS; k++) {
        sum = simref_fma_f32(weights[k], row[columns[k]], sum);
    }
    return sum;
}

static inline float simref_cubic_pixel_f32(const struct simref_resize_cubic_f32_params *p, const float *x,
                                           int32_t h, int32_t w) {
    const int32_t *rows = p->rows + SIMREF_CUBIC_TAPS * h;
    const float *row_weights = p->row_weights + SIMREF_CUBIC_TAPS * h;
    const int32_t *columns = p->columns + SIMREF_CUBIC_TAPS * w;
    const float *column_weights = p->column_weights + SIMREF_CUBIC_TAPS * w;
    float sum = row_weights[0] * simref_cubic_row_f32(x + rows[0], columns, column_weights);
    for (int32_t k = 1; k < SIMREF_CUBIC_TAPS; k++) {
        sum = simref_fma_f32(row_weights[k], simref_cubic_row_f32(x + rows[k], columns, column_weights), sum);
    }
    return sum;
}

void simref_resize_cubic_f32(const struct simref_resize_cubic_f32_params *p, const float *x, float *y) {
    for (int32_t h = 0; h < p->output_height; h++) {
        for (int32_t w = 0; w < p->output_width; w++) {
            for (int32_t c = 0; c < p->channels; c++) {
                *y++ = simref_cubic_pixel_f32(p, x + c, h, w);
            }
        }
    }
}
