/* One number clamped between two. */
#ifndef SIMREF_CLAMPED_F32_H
#define SIMREF_CLAMPED_F32_H

/* x < low ? low : x, then that > high ? high : that, so that a NaN stays. */
static inline float simref_clamped_f32(float x, float low, float high) {
    const float raised = x < low ? low : x;
    return raised > high ? high : raised;
}

#endif
