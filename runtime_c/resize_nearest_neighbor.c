#include "resize_nearest_neighbor.h"

#include <string.h>

/* Pixels are moved as bits, whatever their C type. */
typedef uint32_t __attribute__((may_alias)) simref_bits32;

static void simref_nearest_row_of_bytes(const struct simref_resize_nearest_neighbor_params *p,
                                        const uint8_t *row, uint8_t *y) {
    for (int32_t column = 0; column < p->output_width; column++) {
        const uint8_t *x = row + p->columns[column];
        int32_t bytes = p->pixel;
        do {
            *y++ = *x++;
        } while (--bytes != 0);
    }
}

static void simref_nearest_row_of_words(const struct simref_resize_nearest_neighbor_params *p,
                                        const uint8_t *row, uint8_t *output) {
    const int32_t words_per_pixel = p->pixel / 4;
    simref_bits32 *y = (void *)output;
    for (int32_t column = 0; column < p->output_width; column++) {
        const simref_bits32 *x = (const void *)(row + p->columns[column]);
        int32_t words = words_per_pixel;
        do {
            *y++ = *x++;
        } while (--words != 0);
    }
}

void simref_resize_nearest_neighbor(const struct simref_resize_nearest_neighbor_params *p, const void *x,
                                    void *y) {
    const int32_t row_size = p->output_width * p->pixel;
    const uint8_t *input = x;
    uint8_t *output = y;
    for (int32_t row = 0; row < p->output_height; row++, output += row_size) {
        if (row > 0 && p->rows[row] == p->rows[row - 1]) {
            memcpy(output, output - row_size, (size_t)row_size);
        } else if (p->aligned) {
            simref_nearest_row_of_words(p, input + p->rows[row], output);
        } else {
            simref_nearest_row_of_bytes(p, input + p->rows[row], output);
        }
    }
}
