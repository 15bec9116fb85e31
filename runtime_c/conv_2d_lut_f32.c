#include "conv_2d_lut_f32.h"

void simref_conv_2d_lut_f32(const struct simref_conv_2d_lut_f32_params *p, const float *x, const uint8_t *w,
                            const float *tables, const float *b, float *y, void *scratch) {
    const int32_t depth = p->conv.kernel_height * p->conv.kernel_width * p->conv.depth;
    float *const weights = scratch;
    const struct simref_tiles_f32 *tiles;
    for (int32_t c = 0; c < p->conv.channels; c += tiles->channels) {
        tiles = simref_dot_tiles_f32(p->conv.channels - c);
        simref_lut_decode_f32(&p->lut, w, c * depth, depth, tiles->channels, tables + c * p->lut.table_step,
                              weights);
        simref_convolve_block_f32(&p->conv, tiles, x, weights, b + c, y + c);
    }
    simref_convolve_clamp_f32(&p->conv, y);
}
