/* y[c] = exp(x[c]) / sum of exp(x[k]) over each row, in gemmlowp's fixed point: TFLite
 * reference_ops::Softmax. */
#ifndef SIMREF_SOFTMAX_S8_H
#define SIMREF_SOFTMAX_S8_H

#include <stdint.h>

/* exponentials: by difference to the row's maximum, Q0.31; a difference of `entries` or more contributes
 * nothing. depth is at most 4095, so that the sum of exponentials fits Q12.19. */
struct simref_softmax_s8_params {
    int32_t rows;
    int32_t depth;
    int32_t entries;
    const int32_t *exponentials;
};

/* x, y: int8 [rows][depth]; y may be x. */
void simref_softmax_s8(const struct simref_softmax_s8_params *p, const int8_t *x, int8_t *y);

#endif
