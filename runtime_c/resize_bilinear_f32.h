#ifndef SIMREF_RESIZE_BILINEAR_F32_H
#define SIMREF_RESIZE_BILINEAR_F32_H

#include <stdint.h>

/* rows: for each output row, of all images of the batch, the offsets of the input rows above and below, in
 * elements; row_weights: the weight of the lower one. columns and column_weights: the same for each output
 * column, left and right, with offsets of pixels in a row. */
struct simref_resize_bilinear_f32_params {
    int32_t channels;
    int32_t output_height;
    int32_t output_width;
    const int32_t *rows;
    const int32_t *columns;
    const float *row_weights;
    const float *column_weights;
};

void simref_resize_bilinear_f32(const struct simref_resize_bilinear_f32_params *p, const float *x, float *y);

#endif
