/* Products of float32 matrices, one for each index of the batch dimensions, which broadcast. */
#ifndef SIMREF_BATCH_MATMUL_F32_H
#define SIMREF_BATCH_MATMUL_F32_H

#include <stdint.h>

#define SIMREF_BATCH_LOOPS 4

/* a: rows x depth, b: depth x columns, y: rows x columns without gaps. Distances in floats between rows,
 * columns and values along the depth. batch_count: loops over the matrices, innermost first, 1 where there is
 * none; advance: what moves an operand when that loop steps and those inside it restart. */
struct simref_batch_matmul_f32_params {
    int32_t rows;
    int32_t depth;
    int32_t columns;
    int32_t a_row;
    int32_t a_depth;
    int32_t b_depth;
    int32_t b_column;
    int32_t batch_count[SIMREF_BATCH_LOOPS];
    int32_t a_advance[SIMREF_BATCH_LOOPS];
    int32_t b_advance[SIMREF_BATCH_LOOPS];
};

/* scratch: four columns of b. The sums are those of dot_f32.h with biases of 0. */
void simref_batch_matmul_f32(const struct simref_batch_matmul_f32_params *p, const float *a, const float *b,
                             float *y, void *scratch);

#endif
