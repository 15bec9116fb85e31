#include "fully_connected_lut8_f32.h"

#include "four_f32.h"

static void simref_lut8_four_f32(const struct simref_lut_dense_f32 *d, const struct simref_lut_row_f32 *row,
                                 float *y) {
    const float *const t0 = row->table, *const t1 = t0 + d->table_step;
    const float *const t2 = t1 + d->table_step, *const t3 = t2 + d->table_step;
    const uint8_t *w = row->w + row->item;
    struct simref_four_f32 s = simref_zeros_f32();
    for (const float *x = row->x, *const end = x + d->depth; x != end; w += 4) {
        const struct simref_four_f32 v = {t0[w[0]], t1[w[1]], t2[w[2]], t3[w[3]]};
        simref_add_products_f32(&s, *x++, &v);
    }
    const struct simref_four_f32 four = simref_load_f32(row->b);
    simref_put_f32(&s, &four, y);
}

static void simref_lut8_one_f32(const struct simref_lut_dense_f32 *d, const struct simref_lut_row_f32 *row,
                                float *y) {
    const uint8_t *w = row->w + row->item;
    float sum = 0.0f;
    for (const float *x = row->x, *const end = x + d->depth; x != end; x++) {
        sum = simref_fma_f32(*x, row->table[*w++], sum);
    }
    *y = sum + *row->b;
}

void simref_fully_connected_lut8_f32(const struct simref_fully_connected_lut8_f32_params *p, const float *x,
                                     const uint8_t *w, const float *tables, const float *b, float *y) {
    simref_lut_channels_f32(&p->dense, x, w, tables, b, y, simref_lut8_four_f32, simref_lut8_one_f32);
}
