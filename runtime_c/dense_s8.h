/* The parameters of a matrix product of int8 rows and weights whose sums become int8 again. */
#ifndef SIMREF_DENSE_S8_H
#define SIMREF_DENSE_S8_H

#include <stdint.h>

/* depth: int8 values per row. low, high: the output's range. multiplier, shift: of each channel. Weights lie
 * as in dot_s8.h; biases hold the bias less input_zero_point times the sum of the channel's weights. Products
 * add up within int32, as the generator has checked. */
struct simref_dense_s8 {
    int32_t depth;
    int32_t channels;
    int32_t output_zero_point;
    int32_t low;
    int32_t high;
    const int32_t *multiplier;
    const int8_t *shift;
};

#endif
