/* The inner loops of convolutions and dense layers: sums of products of int8 values and weights, and a bias.
 *
 * Sums are modulo 2^32: trained networks have channels whose bias is INT32_MIN. Weights lie in blocks of
 * eight channels, [depth][8] each, so that one pointer walks them in order; of the channels that are left,
 * four may follow as [depth][4], and then each for itself, [depth].
 */
#ifndef SIMREF_DOT_S8_H
#define SIMREF_DOT_S8_H

#include <stdint.h>

enum { SIMREF_BLOCK = 8 };

/* A block: sums[k] = b[k] + sum of x[i] * w[8 * i + k]. */
void simref_dot_1x8_s8(const int8_t *x, const int8_t *w, const int32_t *b, int32_t depth, int32_t *sums);

/* The same of two rows: sums of x0, then eight sums of x1. */
void simref_dot_2x8_s8(const int8_t *x0, const int8_t *x1, const int8_t *w, const int32_t *b, int32_t depth,
                       int32_t *sums);

/* The last channels, fewer than eight. */
void simref_dot_rest_s8(const int8_t *x, const int8_t *w, const int32_t *b, int32_t depth, int32_t channels,
                        int32_t *sums);

#endif
