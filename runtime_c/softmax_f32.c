#include "softmax_f32.h"

#include "exp_f32.h"
#include "largest_f32.h"

static void simref_softmax_row_f32(const struct simref_softmax_f32_params *p, const float *x, float *y) {
    const int32_t step = p->inner;
    const float largest = simref_largest_f32(x, p->count, step);
    float sum = 0.0f;
    float *to = y;
    for (int32_t c = p->count; c != 0; c--) {
        *to = simref_exp_f32((*x - largest) * p->beta);
        sum += *to;
        x += step;
        to += step;
    }
    const float scale = 1.0f / sum;
    for (int32_t c = p->count; c != 0; c--) {
        *y *= scale;
        y += step;
    }
}

void simref_softmax_f32(const struct simref_softmax_f32_params *p, const float *x, float *y) {
    const int32_t image = p->count * p->inner;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < p->inner; i++) {
            simref_softmax_row_f32(p, x + i, y + i);
        }
        x += image;
        y += image;
    }
}
