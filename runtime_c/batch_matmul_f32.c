#include "batch_matmul_f32.h"

#include "dot_f32.h"
#include "walk.h"

/* Columns of b side by side, as dot_f32.h has the weights of a block. */
static void simref_pack_columns_f32(const struct simref_batch_matmul_f32_params *p, const float *b,
                                    int32_t columns, float *packed) {
    for (int32_t k = 0; k < p->depth; k++, b += p->b_depth) {
        for (int32_t c = 0; c < columns; c++) {
            *packed++ = b[c * p->b_column];
        }
    }
}

/* All rows of a times one block of columns. */
static void simref_multiply_columns_f32(const struct simref_batch_matmul_f32_params *p,
                                        const struct simref_tiles_f32 *tiles, const float *a,
                                        const float *columns, float *y) {
    static const float zeros[SIMREF_BLOCK_F32] = {0.0f, 0.0f, 0.0f, 0.0f};
    const int joined = p->a_depth == 1;
    const struct simref_taps_f32 taps = {1, 0, joined ? 1 : p->depth, p->a_depth, joined ? p->depth : 1, 0};
    int32_t rows = p->rows;
    for (; rows >= SIMREF_ROWS_F32; rows -= SIMREF_ROWS_F32) {
        tiles->rows(&taps, a, p->a_row, columns, zeros, y, p->columns);
        a += SIMREF_ROWS_F32 * p->a_row;
        y += SIMREF_ROWS_F32 * p->columns;
    }
    for (; rows > 0; rows--, a += p->a_row, y += p->columns) {
        tiles->row(&taps, a, columns, zeros, y);
    }
}

static void simref_multiply_f32(const struct simref_batch_matmul_f32_params *p, const float *a,
                                const float *b, float *y, float *packed) {
    const struct simref_tiles_f32 *tiles;
    for (int32_t c = 0; c < p->columns; c += tiles->channels) {
        tiles = simref_dot_tiles_f32(p->columns - c);
        simref_pack_columns_f32(p, b + c * p->b_column, tiles->channels, packed);
        simref_multiply_columns_f32(p, tiles, a, packed, y + c);
    }
}

void simref_batch_matmul_f32(const struct simref_batch_matmul_f32_params *p, const float *a, const float *b,
                             float *y, void *scratch) {
    int32_t index[SIMREF_BATCH_LOOPS] = {0};
    for (;;) {
        simref_multiply_f32(p, a, b, y, scratch);
        const int32_t loop = simref_next_step(index, p->batch_count, SIMREF_BATCH_LOOPS);
        if (loop == SIMREF_BATCH_LOOPS) {
            return;
        }
        a += p->a_advance[loop];
        b += p->b_advance[loop];
        y += p->rows * p->columns;
    }
}
