#include "depthwise_conv_2d_f32.h"

#include "depthwise_f32.h"

void simref_depthwise_conv_2d_f32(const struct simref_depthwise_conv_2d_f32_params *p, const float *x,
                                  const float *w, const float *b, float *y) {
    const int32_t taps = p->conv.kernel_height * p->conv.kernel_width;
    const struct simref_tiles_f32 *tiles;
    for (int32_t c = 0; c < p->conv.channels; c += tiles->channels, w += tiles->channels * taps) {
        tiles = simref_depthwise_tiles_f32(p->conv.channels - c, p->multiplier);
        simref_convolve_block_f32(&p->conv, tiles, x + c / p->multiplier, w, b + c, y + c);
    }
    simref_convolve_clamp_f32(&p->conv, y);
}
