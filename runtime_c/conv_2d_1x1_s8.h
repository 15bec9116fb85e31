/* Convolution of one tap that skips no pixel: each pixel is a row of its own. */
#ifndef SIMREF_CONV_2D_1X1_S8_H
#define SIMREF_CONV_2D_1X1_S8_H

#include "matmul_s8.h"

/* x: pixels rows of dense.depth, y: as many rows of dense.channels. */
struct simref_conv_2d_1x1_s8_params {
    int32_t pixels;
    struct simref_dense_s8 dense;
};

/* w and b as in dot_s8.h and dense_s8.h. */
void simref_conv_2d_1x1_s8(const struct simref_conv_2d_1x1_s8_params *p, const int8_t *x, const int8_t *w,
                           const int32_t *b, int8_t *y);

#endif
