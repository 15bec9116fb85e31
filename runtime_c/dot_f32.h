/* Sums of float32 products of one or four rows with one or four channels, and what ends a layer.
 *
 * Each sum starts at +0.0 and adds one product after the other, taps from left to right and from top to
 * bottom, the channels of a tap innermost. A row is what a window sees of an image; of a matrix it is one
 * run. */
#ifndef SIMREF_DOT_F32_H
#define SIMREF_DOT_F32_H

#include <stdint.h>

/* Neighbouring channels whose weights lie side by side: [block][depth][4], then [depth] for each channel
 * left. */
#define SIMREF_BLOCK_F32 4

/* Rows that are multiplied at a time. */
#define SIMREF_ROWS_F32 4

/* Channels of the next block, of the channels left. */
static inline int32_t simref_block_f32(int32_t channels) {
    return channels < SIMREF_BLOCK_F32 ? 1 : SIMREF_BLOCK_F32;
}

/* The part of a window inside an image: rows of runs of length values. Distances in floats: row_step and
 * run_step between their beginnings, skip over the weights of a row that lie outside, for each channel. */
struct simref_taps_f32 {
    int32_t rows;
    int32_t row_step;
    int32_t runs;
    int32_t run_step;
    int32_t length;
    int32_t skip;
};

/* y = sum + bias of one row, or of four rows of x that lie x_step floats apart, to rows of y y_step apart.
 * channels: 4 or 1, of which w and b hold the weights and biases. */
void simref_dot_row_f32(const struct simref_taps_f32 *t, int32_t channels, const float *x, const float *w,
                        const float *b, float *y);
void simref_dot_rows_f32(const struct simref_taps_f32 *t, int32_t channels, const float *x, int32_t x_step,
                         const float *w, const float *b, float *y, int32_t y_step);

#endif
