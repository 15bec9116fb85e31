/* The activations of recurrent layers, chosen by number. */
#ifndef SIMREF_ACTIVATE_F32_H
#define SIMREF_ACTIVATE_F32_H

#include <stdint.h>

enum {
    SIMREF_LINEAR,
    SIMREF_TANH,
    SIMREF_SIGMOID,
    SIMREF_RELU,
    SIMREF_RELU6,
    SIMREF_HARD_SIGMOID,
    SIMREF_HARD_SIGMOID_3,
    SIMREF_SOFTSIGN
};

float simref_activate_f32(int32_t activation, float x);

#endif
