/* A layer of gated recurrent units. */
#ifndef SIMREF_GRU_F32_H
#define SIMREF_GRU_F32_H

#include "recurrent_f32.h"

/* With gates z, r and h, a for recurrent_activation and [.] for sums over an input and a state, see
 * simref_gates_f32:
 *   z = a([x, h] of z), r = a([x, h] of r)
 *   new = activation([x, r * h] of h)                   reset_after 0
 *   new = activation(r * [h] of h + [x] of h)           reset_after 1; a multiply-add
 *   h = z * (h - new) + new                             a multiply-add
 * Activations: see activate_f32.h. */
struct simref_gru_f32_params {
    struct simref_time_f32 time;
    int32_t activation;
    int32_t recurrent_activation;
    int32_t reset_after;
};

/* w, r: the gates z, r and h, each as for simref_gates_f32. b: [3][units], with reset_after [4][units], the
 * last the bias of [h] of h. h0, sequence, hidden: as for simref_simple_rnn_f32. scratch: [units], with
 * reset_after [2][units], then `spare` of simref_states_f32. */
void simref_gru_f32(const struct simref_gru_f32_params *p, const float *x, const float *w, const float *r,
                    const float *b, const float *h0, float *sequence, float *hidden, void *scratch);

#endif
