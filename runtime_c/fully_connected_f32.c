#include "fully_connected_f32.h"

#include "clamp_f32.h"
#include "dot_f32.h"

/* All rows with one block of channels. */
static void simref_dense_block_f32(const struct simref_fully_connected_f32_params *p,
                                   const struct simref_tiles_f32 *tiles, const float *x, const float *w,
                                   const float *b, float *y) {
    const struct simref_taps_f32 row = {1, 0, 1, 0, p->depth, 0};
    int32_t rows = p->rows;
    for (; rows >= SIMREF_ROWS_F32; rows -= SIMREF_ROWS_F32) {
        tiles->rows(&row, x, p->depth, w, b, y, p->channels);
        x += SIMREF_ROWS_F32 * p->depth;
        y += SIMREF_ROWS_F32 * p->channels;
    }
    for (; rows > 0; rows--, x += p->depth, y += p->channels) {
        tiles->row(&row, x, w, b, y);
    }
}

void simref_fully_connected_f32(const struct simref_fully_connected_f32_params *p, const float *x,
                                const float *w, const float *b, float *y) {
    const struct simref_tiles_f32 *tiles;
    for (int32_t c = 0; c < p->channels; c += tiles->channels, w += tiles->channels * p->depth) {
        tiles = simref_dot_tiles_f32(p->channels - c);
        simref_dense_block_f32(p, tiles, x, w, b + c, y + c);
    }
    simref_clamp_f32(y, p->rows * p->channels, p->low, p->high);
}
