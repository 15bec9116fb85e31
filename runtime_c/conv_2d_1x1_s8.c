#include "conv_2d_1x1_s8.h"

void simref_conv_2d_1x1_s8(const struct simref_conv_2d_1x1_s8_params *p, const int8_t *x, const int8_t *w,
                           const int32_t *b, int8_t *y) {
    const struct simref_dense_s8 *d = &p->dense;
    int32_t pixels = p->pixels;
    for (; pixels >= 2; pixels -= 2) {
        simref_matmul_rows_s8(d, x, x + d->depth, w, b, y, y + d->channels);
        x += 2 * d->depth;
        y += 2 * d->channels;
    }
    if (pixels > 0) {
        simref_matmul_row_s8(d, x, w, b, y);
    }
}
