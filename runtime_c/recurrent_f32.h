/* What the recurrent layers share: the walk over time, and sums over input and state. */
#ifndef SIMREF_RECURRENT_F32_H
#define SIMREF_RECURRENT_F32_H

#include <stddef.h>
#include <stdint.h>

#include "four_f32.h"

/* x: [batches][steps][features]. backwards: 1 to walk from the last step to the first. */
struct simref_time_f32 {
    int32_t batches;
    int32_t steps;
    int32_t features;
    int32_t units;
    int32_t backwards;
};

/* Where the states of one sequence go. sequence: [steps][units] in the order of the walk, or NULL. hidden:
 * the last state, or NULL. spare: without sequence [units], without either twice that. */
struct simref_states_f32 {
    float *sequence;
    float *hidden;
    float *spare;
};

/* The states of sequence n of all; sequence and hidden: of all, or NULL. */
struct simref_states_f32 simref_states_of_f32(const struct simref_time_f32 *time, int32_t n, float *sequence,
                                              float *hidden, float *spare);

/* The part of sequence n in the first states of all; NULL stays NULL. */
static inline const float *simref_state_of_f32(const struct simref_time_f32 *time, int32_t n,
                                               const float *h) {
    return h == NULL ? h : h + n * time->units;
}

/* next = the state after x and the state h, which is NULL where it is zero; cell: what else the layer knows.
 */
typedef void simref_step_f32(const void *cell, const float *x, const float *h, float *next);

/* Walk over one sequence x, from the state h. */
void simref_walk_time_f32(const struct simref_time_f32 *time, const float *x, const float *h,
                          const struct simref_states_f32 *states, simref_step_f32 *step, const void *cell);

/* Four sums more: x[k] * w[k][0 to 3], for k in order. */
void simref_chain_four_f32(struct simref_four_f32 *s, const float *x, int32_t count, const float *w);

/* One sum of one product after the other and then a bias for each of `rows` rows of weights: over the input,
 * [rows][features], and over the state, [rows][units]. Both lie in blocks of four rows, [block][count][4],
 * then [count] for each row left. */
struct simref_gates_f32 {
    int32_t rows;
    int32_t features;
    int32_t units;
};

/* y: [rows]. Each sum starts at +0.0; h may be NULL, for zeros: the weights are finite and no bias is -0.0,
 * so that they change nothing. */
void simref_gates_f32(const struct simref_gates_f32 *gates, const float *x, const float *h, const float *w,
                      const float *r, const float *b, float *y);

#endif
