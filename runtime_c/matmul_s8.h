/* Rows of int8 times a matrix of int8 weights, rounded twice: what all convolutions come down to. */
#ifndef SIMREF_MATMUL_S8_H
#define SIMREF_MATMUL_S8_H

#include "dense_s8.h"

/* y[channels] of the row x[depth]. */
void simref_matmul_row_s8(const struct simref_dense_s8 *d, const int8_t *x, const int8_t *w, const int32_t *b,
                          int8_t *y);

/* y0 and y1 of the rows x0 and x1: each weight is loaded once for both. */
void simref_matmul_rows_s8(const struct simref_dense_s8 *d, const int8_t *x0, const int8_t *x1,
                           const int8_t *w, const int32_t *b, int8_t *y0, int8_t *y1);

#endif
