#include "conv_2d_f32.h"

void simref_conv_2d_f32(const struct simref_conv_2d_f32_params *p, const float *x, const float *w,
                        const float *b, float *y) {
    const int32_t depth = p->conv.kernel_height * p->conv.kernel_width * p->conv.depth;
    const struct simref_tiles_f32 *tiles;
    for (int32_t c = 0; c < p->conv.channels; c += tiles->channels, w += tiles->channels * depth) {
        tiles = simref_dot_tiles_f32(p->conv.channels - c);
        simref_convolve_block_f32(&p->conv, tiles, x, w, b + c, y + c);
    }
    simref_convolve_clamp_f32(&p->conv, y);
}
