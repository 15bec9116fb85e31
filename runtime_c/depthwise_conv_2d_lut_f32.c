#include "depthwise_conv_2d_lut_f32.h"

#include "depthwise_f32.h"

void simref_depthwise_conv_2d_lut_f32(const struct simref_depthwise_conv_2d_lut_f32_params *p, const float *x,
                                      const uint8_t *w, const float *tables, const float *b, float *y,
                                      void *scratch) {
    const int32_t taps = p->conv.kernel_height * p->conv.kernel_width;
    float *const weights = scratch;
    const struct simref_tiles_f32 *tiles;
    for (int32_t c = 0; c < p->conv.channels; c += tiles->channels) {
        tiles = simref_depthwise_tiles_f32(p->conv.channels - c, p->multiplier);
        simref_lut_decode_f32(&p->lut, w, c * taps, taps, tiles->channels, tables + c * p->lut.table_step,
                              weights);
        simref_convolve_block_f32(&p->conv, tiles, x + c / p->multiplier, weights, b + c, y + c);
    }
    simref_convolve_clamp_f32(&p->conv, y);
}
