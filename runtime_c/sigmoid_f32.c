#include "sigmoid_f32.h"

#include "exp_f32.h"

float simref_sigmoid_f32(float x) {
    float rest_of_e;
    const float e = simref_exp_and_rest_f32(-__builtin_fabsf(x), &rest_of_e);
    const float total = 1.0f + e;
    const float quotient = e / total;
    /* What the roundings of e and of the sum left out, to first order: 1 - y is 1 / total. */
    const float rest_of_total = e - (total - 1.0f);
    const float other = 1.0f - quotient;
    const float y = quotient + other * (other * rest_of_e - quotient * rest_of_total);
    return x < 0.0f ? y : 1.0f - y;
}
