#include "simple_rnn_f32.h"

#include "activate_f32.h"

struct simref_simple_cell_f32 {
    struct simref_gates_f32 gates;
    int32_t activation;
    const float *w;
    const float *r;
    const float *b;
};

static void simref_simple_step_f32(const void *cell, const float *x, const float *h, float *next) {
    const struct simref_simple_cell_f32 *c = cell;
    simref_gates_f32(&c->gates, x, h, c->w, c->r, c->b, next);
    for (int32_t j = 0; j < c->gates.rows; j++) {
        next[j] = simref_activate_f32(c->activation, next[j]);
    }
}

void simref_simple_rnn_f32(const struct simref_simple_rnn_f32_params *p, const float *x, const float *w,
                           const float *r, const float *b, const float *h0, float *sequence, float *hidden,
                           void *scratch) {
    const struct simref_time_f32 *time = &p->time;
    const struct simref_simple_cell_f32 cell = {
        {time->units, time->features, time->units}, p->activation, w, r, b};
    for (int32_t n = 0; n < time->batches; n++) {
        const struct simref_states_f32 states = simref_states_of_f32(time, n, sequence, hidden, scratch);
        simref_walk_time_f32(time, x, simref_state_of_f32(time, n, h0), &states, simref_simple_step_f32,
                             &cell);
        x += time->steps * time->features;
    }
}
