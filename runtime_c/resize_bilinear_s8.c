#include "resize_bilinear_s8.h"

#define SIMREF_ONE (1 << 10)
#define SIMREF_HALF (SIMREF_ONE * SIMREF_ONE / 2)

/* The four pixels around an output pixel: offsets, and weights that add up to 2^20. */
struct simref_corners {
    int32_t top_left, top_right, bottom_left, bottom_right;
};

/* |sum| <= 2^27. Halves round away from zero: just below zero the half is one less. */
static inline int8_t simref_round_20_bits(int32_t sum) {
    return (int8_t)((sum + SIMREF_HALF + (sum >> 31)) >> 20);
}

/* weight is taken by value: y, being bytes, could otherwise overwrite it for all that the compiler knows. */
static inline void simref_bilinear_pixel(const int8_t *x, struct simref_corners at,
                                         struct simref_corners weight, int8_t *y, int32_t channels) {
    const int8_t *top_left = x + at.top_left;
    const int8_t *top_right = x + at.top_right;
    const int8_t *bottom_left = x + at.bottom_left;
    const int8_t *bottom_right = x + at.bottom_right;
    for (int32_t c = 0; c < channels; c++) {
        const int32_t top = top_left[c] * weight.top_left + top_right[c] * weight.top_right;
        const int32_t bottom = bottom_left[c] * weight.bottom_left + bottom_right[c] * weight.bottom_right;
        y[c] = simref_round_20_bits(top + bottom);
    }
}

static struct simref_corners simref_corner_offsets(const int32_t *row, const int32_t *column) {
    const struct simref_corners offsets = {row[0] + column[0], row[0] + column[1], row[1] + column[0],
                                           row[1] + column[1]};
    return offsets;
}

static struct simref_corners simref_corner_weights(const int32_t *row, const int32_t *column) {
    const int32_t bottom = row[2], top = SIMREF_ONE - bottom;
    const int32_t right = column[2], left = SIMREF_ONE - right;
    const struct simref_corners weights = {top * left, top * right, bottom * left, bottom * right};
    return weights;
}

void simref_resize_bilinear_s8(const struct simref_resize_bilinear_s8_params *p, const int8_t *x, int8_t *y) {
    const int32_t *row = p->rows;
    for (int32_t h = 0; h < p->output_height; h++, row += 3) {
        const int32_t *column = p->columns;
        for (int32_t w = 0; w < p->output_width; w++, column += 3) {
            const struct simref_corners offsets = simref_corner_offsets(row, column);
            const struct simref_corners weights = simref_corner_weights(row, column);
            simref_bilinear_pixel(x, offsets, weights, y, p->channels);
            y += p->channels;
        }
    }
}
