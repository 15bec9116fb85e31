#ifndef SIMREF_RESIZE_NEAREST_NEIGHBOR_H
#define SIMREF_RESIZE_NEAREST_NEIGHBOR_H

#include <stdint.h>

/* pixel: bytes of one pixel, all its channels; a multiple of 4 where `aligned` says that all addresses are,
 * too. rows: for each output row, of all images of the batch, the byte offset of its input row. columns: for
 * each output column, the byte offset of its pixel in the row. */
struct simref_resize_nearest_neighbor_params {
    int32_t pixel;
    int32_t aligned;
    int32_t output_height;
    int32_t output_width;
    const int32_t *rows;
    const int32_t *columns;
};

/* Copies pixels from x to y, which do not overlap. */
void simref_resize_nearest_neighbor(const struct simref_resize_nearest_neighbor_params *p, const void *x,
                                    void *y);

#endif
