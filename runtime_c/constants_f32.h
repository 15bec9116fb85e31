/* Written by `make generate` from simref/float32/constants.py, which says what the numbers are. */
#ifndef SIMREF_CONSTANTS_F32_H
#define SIMREF_CONSTANTS_F32_H

#include "float32.h"

/* clang-format off */
#define SIMREF_ROUND 12582912.0f
#define SIMREF_LOG2_E 1.44269502f
#define SIMREF_LN2_HIGH 0.693145752f
#define SIMREF_LN2_LOW 1.42860677e-06f
#define SIMREF_SQRT_HALF_BITS 0x3f3504f3u
#define SIMREF_EXP_LOWEST -104.0f
#define SIMREF_EXP_HIGHEST 89.0f
#define SIMREF_EXPM1_LOWEST -18.0f
#define SIMREF_TANH_HIGHEST 9.25f
#define SIMREF_ERF_HIGHEST 4.0f
#define SIMREF_TANH_SMALL 0.625f
#define SIMREF_ERF_SMALL 1.0f
#define SIMREF_LOG2_POLYNOMIAL_Q36 -0x116c8bf0fll, 0x21928edf3ll, -0x2281d1b55ll, 0x2170df0c2ll, -0x247c5b729ll, 0x2901b3634ll, -0x2e30d7431ll, 0x34c38a38bll, -0x3d8de8f49ll, 0x49ddad22dll, -0x5c551e13cll, 0x7b1c277a0ll, -0xb8aa3b28fll, 0x171547652bll
#define SIMREF_LN2_Q27 0x58b90c0u
#define SIMREF_PI_OVER_4 0.785398185f
#define SIMREF_PI_OVER_4_BITS 0xc90fdaa2u
#define SIMREF_TWO_OVER_PI_WORDS 0x0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu
/* clang-format on */

static inline float simref_exp_polynomial_f32(float x) {
    float y = 0.00138684351f;
    y = simref_fma_f32(y, x, 0.00836643204f);
    y = simref_fma_f32(y, x, 0.0416674614f);
    y = simref_fma_f32(y, x, 0.16666545f);
    y = simref_fma_f32(y, x, 0.49999997f);
    return y;
}

static inline float simref_log_polynomial_f32(float x) {
    float y = -0.0763644949f;
    y = simref_fma_f32(y, x, 0.127662078f);
    y = simref_fma_f32(y, x, -0.13161464f);
    y = simref_fma_f32(y, x, 0.142011762f);
    y = simref_fma_f32(y, x, -0.1662319f);
    y = simref_fma_f32(y, x, 0.200012505f);
    y = simref_fma_f32(y, x, -0.250008255f);
    y = simref_fma_f32(y, x, 0.333333313f);
    return y;
}

static inline float simref_tanh_polynomial_f32(float x) {
    float y = -0.0056922962f;
    y = simref_fma_f32(y, x, 0.0206281673f);
    y = simref_fma_f32(y, x, -0.0537365153f);
    y = simref_fma_f32(y, x, 0.133314058f);
    y = simref_fma_f32(y, x, -0.333332807f);
    return y;
}

static inline float simref_erf_polynomial_f32(float x) {
    float y = 7.80690316e-05f;
    y = simref_fma_f32(y, x, -0.00079978531f);
    y = simref_fma_f32(y, x, 0.0051871622f);
    y = simref_fma_f32(y, x, -0.0268533472f);
    y = simref_fma_f32(y, x, 0.112835787f);
    y = simref_fma_f32(y, x, -0.37612626f);
    y = simref_fma_f32(y, x, 0.128379166f);
    return y;
}

static inline float simref_erf_tail_polynomial_f32(float x) {
    float y = -1.39585973e-05f;
    y = simref_fma_f32(y, x, 0.000350555201f);
    y = simref_fma_f32(y, x, -0.00375733338f);
    y = simref_fma_f32(y, x, 0.0240097791f);
    y = simref_fma_f32(y, x, -0.106530547f);
    y = simref_fma_f32(y, x, -0.634969711f);
    y = simref_fma_f32(y, x, -1.1286943f);
    return y;
}

static inline float simref_sin_polynomial_f32(float x) {
    float y = -0.00019518286f;
    y = simref_fma_f32(y, x, 0.00833218917f);
    y = simref_fma_f32(y, x, -0.166666552f);
    return y;
}

static inline float simref_cos_polynomial_f32(float x) {
    float y = 2.44325638e-05f;
    y = simref_fma_f32(y, x, -0.00138873106f);
    y = simref_fma_f32(y, x, 0.0416666456f);
    return y;
}

#endif
