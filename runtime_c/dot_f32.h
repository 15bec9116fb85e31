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

/* y = sum + bias of one row. */
typedef void simref_row_f32(const struct simref_taps_f32 *t, const float *x, const float *w, const float *b,
                            float *y);

/* The same of four rows of x that lie x_step floats apart, to rows of y that lie y_step apart. */
typedef void simref_rows_f32(const struct simref_taps_f32 *t, const float *x, int32_t x_step, const float *w,
                             const float *b, float *y, int32_t y_step);

/* How a block of 4 or 1 channels is computed; w and b hold its weights and biases. */
struct simref_tiles_f32 {
    int32_t channels;
    simref_row_f32 *row;
    simref_rows_f32 *rows;
};

/* Every channel sees every value: a block of four channels, and one channel. */
extern const struct simref_tiles_f32 simref_dot_four_f32;
extern const struct simref_tiles_f32 simref_dot_one_f32;

/* For the next block, of the channels left. */
static inline const struct simref_tiles_f32 *simref_dot_tiles_f32(int32_t channels) {
    return channels < SIMREF_BLOCK_F32 ? &simref_dot_one_f32 : &simref_dot_four_f32;
}

#endif
