/* y = (x - largest) - log(sum of exp(x - largest)), along one axis. */
#ifndef SIMREF_LOG_SOFTMAX_F32_H
#define SIMREF_LOG_SOFTMAX_F32_H

#include <stdint.h>

/* x, y: [outer][count][inner], rows along count. */
struct simref_log_softmax_f32_params {
    int32_t outer;
    int32_t count;
    int32_t inner;
};

/* y may be x. */
void simref_log_softmax_f32(const struct simref_log_softmax_f32_params *p, const float *x, float *y);

#endif
