#include "gru_f32.h"

#include "activate_f32.h"

enum { GATE_Z, GATE_R, GATE_H, BIAS_OF_STATE };

struct simref_gru_cell_f32 {
    const struct simref_gru_f32_params *p;
    const float *w;
    const float *r;
    const float *b;
    float *gate;
    float *of_state;
};

static inline float simref_unit_f32(const float *h, int32_t j) {
    return h == NULL ? 0.0f : h[j];
}

/* y = the sums of one gate over x and h. */
static void simref_gate_f32(const struct simref_gru_cell_f32 *c, int32_t gate, const float *x, const float *h,
                            float *y) {
    const int32_t units = c->p->time.units, features = c->p->time.features;
    const struct simref_gates_f32 gates = {units, features, units};
    simref_gates_f32(&gates, x, h, c->w + gate * units * features, c->r + gate * units * units,
                     c->b + gate * units, y);
}

/* next = what the new state is before the activation; the gate r comes before the state's sums. */
static void simref_reset_before_f32(const struct simref_gru_cell_f32 *c, const float *x, const float *h,
                                    float *next) {
    simref_gate_f32(c, GATE_R, x, h, c->gate);
    for (int32_t j = 0; j < c->p->time.units; j++) {
        c->gate[j] = simref_activate_f32(c->p->recurrent_activation, c->gate[j]) * simref_unit_f32(h, j);
    }
    simref_gate_f32(c, GATE_H, x, c->gate, next);
}

/* The same where the gate r comes after them. */
static void simref_reset_after_f32(const struct simref_gru_cell_f32 *c, const float *x, const float *h,
                                   float *next) {
    const int32_t units = c->p->time.units;
    const struct simref_gates_f32 state = {units, h == NULL ? 0 : units, 0};
    const float *r = c->r + GATE_H * units * units;
    simref_gates_f32(&state, h == NULL ? x : h, NULL, r, r, c->b + BIAS_OF_STATE * units, c->of_state);
    simref_gate_f32(c, GATE_H, x, NULL, next);
    simref_gate_f32(c, GATE_R, x, h, c->gate);
    for (int32_t j = 0; j < units; j++) {
        const float gate = simref_activate_f32(c->p->recurrent_activation, c->gate[j]);
        next[j] = simref_fma_f32(gate, c->of_state[j], next[j]);
    }
}

static void simref_gru_step_f32(const void *cell, const float *x, const float *h, float *next) {
    const struct simref_gru_cell_f32 *c = cell;
    if (c->p->reset_after) {
        simref_reset_after_f32(c, x, h, next);
    } else {
        simref_reset_before_f32(c, x, h, next);
    }
    simref_gate_f32(c, GATE_Z, x, h, c->gate);
    for (int32_t j = 0; j < c->p->time.units; j++) {
        const float fresh = simref_activate_f32(c->p->activation, next[j]);
        const float kept = simref_activate_f32(c->p->recurrent_activation, c->gate[j]);
        next[j] = simref_fma_f32(kept, simref_unit_f32(h, j) - fresh, fresh);
    }
}

void simref_gru_f32(const struct simref_gru_f32_params *p, const float *x, const float *w, const float *r,
                    const float *b, const float *h0, float *sequence, float *hidden, void *scratch) {
    const struct simref_time_f32 *time = &p->time;
    float *gate = scratch, *of_state = gate + time->units;
    float *spare = p->reset_after ? of_state + time->units : of_state;
    const struct simref_gru_cell_f32 cell = {p, w, r, b, gate, of_state};
    for (int32_t n = 0; n < time->batches; n++) {
        const struct simref_states_f32 states = simref_states_of_f32(time, n, sequence, hidden, spare);
        simref_walk_time_f32(time, x, simref_state_of_f32(time, n, h0), &states, simref_gru_step_f32, &cell);
        x += time->steps * time->features;
    }
}
