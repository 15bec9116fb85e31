#include "log_softmax_f32.h"

#include "exp_f32.h"
#include "largest_f32.h"
#include "log_f32.h"

static void simref_log_softmax_row_f32(const struct simref_log_softmax_f32_params *p, const float *x,
                                       float *y) {
    const int32_t step = p->inner;
    const float largest = simref_largest_f32(x, p->count, step);
    float sum = 0.0f;
    float *to = y;
    for (int32_t c = p->count; c != 0; c--) {
        *to = *x - largest;
        sum += simref_exp_f32(*to);
        x += step;
        to += step;
    }
    const float logarithm = simref_log_f32(sum);
    for (int32_t c = p->count; c != 0; c--) {
        *y -= logarithm;
        y += step;
    }
}

void simref_log_softmax_f32(const struct simref_log_softmax_f32_params *p, const float *x, float *y) {
    const int32_t image = p->count * p->inner;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < p->inner; i++) {
            simref_log_softmax_row_f32(p, x + i, y + i);
        }
        x += image;
        y += image;
    }
}
