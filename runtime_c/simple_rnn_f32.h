/* h = activation(sums over input and state), step by step. */
#ifndef SIMREF_SIMPLE_RNN_F32_H
#define SIMREF_SIMPLE_RNN_F32_H

#include "recurrent_f32.h"

/* activation: see activate_f32.h. */
struct simref_simple_rnn_f32_params {
    struct simref_time_f32 time;
    int32_t activation;
};

/* w, r, b: as for simref_gates_f32, with a row for each unit. h0: [batches][units], or NULL for zeros.
 * sequence: [batches][steps][units] or NULL; hidden: [batches][units] or NULL. scratch: `spare` of
 * simref_states_f32. */
void simref_simple_rnn_f32(const struct simref_simple_rnn_f32_params *p, const float *x, const float *w,
                           const float *r, const float *b, const float *h0, float *sequence, float *hidden,
                           void *scratch);

#endif
