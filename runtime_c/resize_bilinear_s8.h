#ifndef SIMREF_RESIZE_BILINEAR_S8_H
#define SIMREF_RESIZE_BILINEAR_S8_H

#include <stdint.h>

/* rows: for each output row, of all images of the batch, three numbers: the offsets of the input rows above
 * and below, and the weight of the lower one in steps of 2^-10. columns: the same for each output column,
 * left and right, with offsets of pixels in a row. */
struct simref_resize_bilinear_s8_params {
    int32_t channels;
    int32_t output_height;
    int32_t output_width;
    const int32_t *rows;
    const int32_t *columns;
};

void simref_resize_bilinear_s8(const struct simref_resize_bilinear_s8_params *p, const int8_t *x, int8_t *y);

#endif
