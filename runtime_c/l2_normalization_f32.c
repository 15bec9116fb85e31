#include "l2_normalization_f32.h"

#include "float32.h"
#include "sqrt_f32.h"

void simref_l2_normalization_f32(const struct simref_l2_normalization_f32_params *p, const float *x,
                                 float *y) {
    const int32_t depth = p->depth;
    for (int32_t row = 0; row < p->rows; row++) {
        float sum = 0.0f;
        for (int32_t c = 0; c < depth; c++) {
            sum = simref_fma_f32(x[c], x[c], sum);
        }
        const float root = simref_sqrt_f32(sum);
        const float norm = root < p->epsilon ? p->epsilon : root;
        for (int32_t c = 0; c < depth; c++) {
            y[c] = x[c] / norm;
        }
        x += depth;
        y += depth;
    }
}
