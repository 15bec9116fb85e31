#include "recurrent_f32.h"

#include <string.h>

struct simref_states_f32 simref_states_of_f32(const struct simref_time_f32 *time, int32_t n, float *sequence,
                                              float *hidden, float *spare) {
    struct simref_states_f32 states = {sequence, hidden, spare};
    if (sequence != NULL) {
        states.sequence += n * time->steps * time->units;
    }
    if (hidden != NULL) {
        states.hidden += n * time->units;
    }
    return states;
}

/* The place of the next state, with `left` steps to go: without sequence in turn two, the last of them
 * hidden. */
static float *simref_next_state_f32(const struct simref_time_f32 *time,
                                    const struct simref_states_f32 *states, int32_t left) {
    if (states->sequence != NULL) {
        return states->sequence + (time->steps - left) * time->units;
    }
    if (left % 2 == 0) {
        return states->spare;
    }
    return states->hidden != NULL ? states->hidden : states->spare + time->units;
}

void simref_walk_time_f32(const struct simref_time_f32 *time, const float *x, const float *h,
                          const struct simref_states_f32 *states, simref_step_f32 *step, const void *cell) {
    for (int32_t left = time->steps; left != 0; left--) {
        const int32_t at = time->backwards ? left - 1 : time->steps - left;
        float *next = simref_next_state_f32(time, states, left);
        step(cell, x + at * time->features, h, next);
        h = next;
    }
    if (states->sequence != NULL && states->hidden != NULL) {
        memcpy(states->hidden, h, (size_t)time->units * sizeof *h);
    }
}

static inline void simref_add_four_f32(struct simref_four_f32 *s, float x, const float *w) {
    const struct simref_four_f32 v = simref_load_f32(w);
    simref_add_products_f32(s, x, &v);
}

void simref_chain_four_f32(struct simref_four_f32 *s, const float *x, int32_t count, const float *w) {
    struct simref_four_f32 sums = *s;
    const float *const end = x + count;
    if ((count & 1) != 0) {
        simref_add_four_f32(&sums, *x++, w);
        w += 4;
    }
    while (x != end) {
        /* Loads after the steps, see dot_f32.c. */
        x += 2;
        w += 8;
        simref_add_four_f32(&sums, x[-2], w - 8);
        simref_add_four_f32(&sums, x[-1], w - 4);
    }
    *s = sums;
}

static float simref_chain_one_f32(float sum, const float *x, int32_t count, const float *w) {
    for (const float *const end = x + count; x != end; x++) {
        sum = simref_fma_f32(*x, *w++, sum);
    }
    return sum;
}

void simref_gates_f32(const struct simref_gates_f32 *gates, const float *x, const float *h, const float *w,
                      const float *r, const float *b, float *y) {
    const int32_t features = gates->features, units = gates->units;
    int32_t rows = gates->rows;
    for (; rows >= 4; rows -= 4, w += 4 * features, r += 4 * units, b += 4, y += 4) {
        struct simref_four_f32 sums = simref_zeros_f32();
        simref_chain_four_f32(&sums, x, features, w);
        if (h != NULL) {
            simref_chain_four_f32(&sums, h, units, r);
        }
        y[0] = sums.c0 + b[0];
        y[1] = sums.c1 + b[1];
        y[2] = sums.c2 + b[2];
        y[3] = sums.c3 + b[3];
    }
    for (; rows != 0; rows--, w += features, r += units) {
        float sum = simref_chain_one_f32(0.0f, x, features, w);
        if (h != NULL) {
            sum = simref_chain_one_f32(sum, h, units, r);
        }
        *y++ = sum + *b++;
    }
}
