#include "lut_dense_f32.h"

#include "clamp_f32.h"

void simref_lut_channels_f32(const struct simref_lut_dense_f32 *d, const float *x, const uint8_t *w,
                             const float *tables, const float *b, float *y, simref_lut_dot_f32 *four,
                             simref_lut_dot_f32 *one) {
    struct simref_lut_row_f32 row = {x, w, 0, tables, b};
    int32_t c = 0;
    for (; c + 4 <= d->channels; c += 4) {
        four(d, &row, y + c);
        row.item += 4 * d->depth;
        row.table += 4 * d->table_step;
        row.b += 4;
    }
    for (; c < d->channels; c++) {
        one(d, &row, y + c);
        row.item += d->depth;
        row.table += d->table_step;
        row.b++;
    }
    simref_clamp_f32(y, d->channels, d->low, d->high);
}
