/* A dense layer of float32: rows of x times rows of weights, biases added, clamped. */
#ifndef SIMREF_FULLY_CONNECTED_F32_H
#define SIMREF_FULLY_CONNECTED_F32_H

#include <stdint.h>

/* x: rows of depth values, y: rows of channels. low, high: the clamp's bounds, infinite where there is none.
 */
struct simref_fully_connected_f32_params {
    int32_t rows;
    int32_t depth;
    int32_t channels;
    float low;
    float high;
};

/* w as in dot_f32.h; b: one bias per channel. */
void simref_fully_connected_f32(const struct simref_fully_connected_f32_params *p, const float *x,
                                const float *w, const float *b, float *y);

#endif
