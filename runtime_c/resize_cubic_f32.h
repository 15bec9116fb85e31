#ifndef SIMREF_RESIZE_CUBIC_F32_H
#define SIMREF_RESIZE_CUBIC_F32_H

#include <stdint.h>

#define SIMREF_CUBIC_TAPS 4

/* rows: for each output row, of all images of the batch, the offsets of four input rows in elements;
 * row_weights: their weights. columns and column_weights: the same for each output column, with offsets of
 * pixels in a row. */
struct simref_resize_cubic_f32_params {
    int32_t channels;
    int32_t output_height;
    int32_t output_width;
    const int32_t *rows;
    const int32_t *columns;
    const float *row_weights;
    const float *column_weights;
};

void simref_resize_cubic_f32(const struct simref_resize_cubic_f32_params *p, const float *x, float *y);

#endif
