#include "fully_connected_lut4_f32.h"

#include "four_f32.h"
#include "lut4.h"

static void simref_lut4_four_f32(const struct simref_lut_dense_f32 *d, const struct simref_lut_row_f32 *row,
                                 float *y) {
    const float *const t0 = row->table, *const t1 = t0 + d->table_step;
    const float *const t2 = t1 + d->table_step, *const t3 = t2 + d->table_step;
    const uint8_t *w = row->w + row->item / 2;
    struct simref_four_f32 s = simref_zeros_f32();
    for (const float *x = row->x, *const end = x + d->depth; x != end; w += 2) {
        const uint32_t i = w[0] | ((uint32_t)w[1] << 8);
        const struct simref_four_f32 v = {t0[i & 15], t1[(i >> 4) & 15], t2[(i >> 8) & 15], t3[i >> 12]};
        simref_add_products_f32(&s, *x++, &v);
    }
    const struct simref_four_f32 four = simref_load_f32(row->b);
    simref_put_f32(&s, &four, y);
}

static void simref_lut4_one_f32(const struct simref_lut_dense_f32 *d, const struct simref_lut_row_f32 *row,
                                float *y) {
    float sum = 0.0f;
    for (int32_t k = 0; k < d->depth; k++) {
        sum = simref_fma_f32(row->x[k], row->table[simref_index4(row->w, row->item + k)], sum);
    }
    *y = sum + *row->b;
}

void simref_fully_connected_lut4_f32(const struct simref_fully_connected_lut4_f32_params *p, const float *x,
                                     const uint8_t *w, const float *tables, const float *b, float *y) {
    simref_lut_channels_f32(&p->dense, x, w, tables, b, y, simref_lut4_four_f32, simref_lut4_one_f32);
}
