/* A layer of long short-term memory. */
#ifndef SIMREF_LSTM_F32_H
#define SIMREF_LSTM_F32_H

#include "recurrent_f32.h"

/* With the gates i, f, g and o, each a sum over x and h like that of simref_gates_f32, and a for
 * recurrent_activation:
 *   c = a(f) * c + a(i) * activation(g)     a product, then a multiply-add; kept within +-cell_clip
 *   h = a(o) * activation(c)
 * Activations: see activate_f32.h. */
struct simref_lstm_f32_params {
    struct simref_time_f32 time;
    int32_t activation;
    int32_t recurrent_activation;
    float cell_clip;
};

/* w: [units][features][4], the gates of a unit side by side; r: [units][units][4]; b: [units][4]. h0, c0:
 * [batches][units], or NULL for zeros. sequence: [batches][steps][units] or NULL; hidden and cell:
 * [batches][units] or NULL. scratch: [units] without cell, then `spare` of simref_states_f32. */
void simref_lstm_f32(const struct simref_lstm_f32_params *p, const float *x, const float *w, const float *r,
                     const float *b, const float *h0, const float *c0, float *sequence, float *hidden,
                     float *cell, void *scratch);

#endif
