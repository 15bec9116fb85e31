#include "lstm_f32.h"

#include <string.h>

#include "activate_f32.h"
#include "clamped_f32.h"

struct simref_lstm_cell_f32 {
    const struct simref_lstm_f32_params *p;
    const float *w;
    const float *r;
    const float *b;
    float *c;
};

static void simref_lstm_step_f32(const void *cell, const float *x, const float *h, float *next) {
    const struct simref_lstm_cell_f32 *s = cell;
    const int32_t units = s->p->time.units, features = s->p->time.features;
    const int32_t activation = s->p->activation, recurrent = s->p->recurrent_activation;
    const float *w = s->w, *r = s->r, *b = s->b;
    for (int32_t j = 0; j < units; j++, w += 4 * features, r += 4 * units, b += 4) {
        struct simref_four_f32 sums = simref_zeros_f32();
        simref_chain_four_f32(&sums, x, features, w);
        if (h != NULL) {
            simref_chain_four_f32(&sums, h, units, r);
        }
        const float input = simref_activate_f32(recurrent, sums.c0 + b[0]);
        const float forget = simref_activate_f32(recurrent, sums.c1 + b[1]);
        const float fresh = simref_activate_f32(activation, sums.c2 + b[2]);
        const float output = simref_activate_f32(recurrent, sums.c3 + b[3]);
        s->c[j] = simref_clamped_f32(simref_fma_f32(forget, s->c[j], input * fresh), -s->p->cell_clip,
                                     s->p->cell_clip);
        next[j] = output * simref_activate_f32(activation, s->c[j]);
    }
}

/* c = the part of sequence n in the first cells of all, which are zero where c0 is NULL. */
static void simref_first_cells_f32(const struct simref_time_f32 *time, int32_t n, const float *c0, float *c) {
    const size_t size = (size_t)time->units * sizeof *c;
    if (c0 == NULL) {
        memset(c, 0, size);
    } else {
        memcpy(c, simref_state_of_f32(time, n, c0), size);
    }
}

void simref_lstm_f32(const struct simref_lstm_f32_params *p, const float *x, const float *w, const float *r,
                     const float *b, const float *h0, const float *c0, float *sequence, float *hidden,
                     float *cell, void *scratch) {
    const struct simref_time_f32 *time = &p->time;
    float *spare = scratch;
    struct simref_lstm_cell_f32 s = {p, w, r, b, cell};
    if (cell == NULL) {
        s.c = spare;
        spare += time->units;
    }
    for (int32_t n = 0; n < time->batches; n++) {
        const struct simref_states_f32 states = simref_states_of_f32(time, n, sequence, hidden, spare);
        simref_first_cells_f32(time, n, c0, s.c);
        simref_walk_time_f32(time, x, simref_state_of_f32(time, n, h0), &states, simref_lstm_step_f32, &s);
        x += time->steps * time->features;
        s.c += cell == NULL ? 0 : time->units;
    }
}
