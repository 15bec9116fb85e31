#include "lut_decode_f32.h"

#include "lut4.h"

void simref_lut_decode_f32(const struct simref_lut_f32 *lut, const uint8_t *w, int32_t item, int32_t depth,
                           int32_t channels, const float *table, float *weights) {
    for (int32_t k = 0; k < depth; k++) {
        const float *values = table;
        for (int32_t c = 0; c < channels; c++, item++, values += lut->table_step) {
            *weights++ = values[lut->bits == 8 ? w[item] : simref_index4(w, item)];
        }
    }
}
