/* y = exp((x - largest) * beta) * (1 / sum of these), along one axis. */
#ifndef SIMREF_SOFTMAX_F32_H
#define SIMREF_SOFTMAX_F32_H

#include <stdint.h>

/* x, y: [outer][count][inner], rows along count. */
struct simref_softmax_f32_params {
    int32_t outer;
    int32_t count;
    int32_t inner;
    float beta;
};

/* y may be x. */
void simref_softmax_f32(const struct simref_softmax_f32_params *p, const float *x, float *y);

#endif
