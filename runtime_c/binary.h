/* Kernels of two operands that broadcast, as templates: an operator gives its types and an expression. */
#ifndef SIMREF_BINARY_H
#define SIMREF_BINARY_H

#include <stdint.h>

#include "broadcast.h"
#include "clamp_f32.h"

/* The parameters, see broadcast.h; `fields` are further ones, each with its semicolon. */
#define SIMREF_DECLARE_BINARY_WITH(name, X, Y, fields)                                                       \
    struct simref_##name##_params {                                                                          \
        int32_t count;                                                                                       \
        int32_t a_step;                                                                                      \
        int32_t b_step;                                                                                      \
        fields int32_t outer_count[SIMREF_OUTER_LOOPS];                                                      \
        int32_t a_advance[SIMREF_OUTER_LOOPS];                                                               \
        int32_t b_advance[SIMREF_OUTER_LOOPS];                                                               \
    };                                                                                                       \
    void simref_##name(const struct simref_##name##_params *p, const X *a, const X *b, Y *y)

#define SIMREF_DECLARE_BINARY(name, X, Y) SIMREF_DECLARE_BINARY_WITH(name, X, Y, )

/* low, high: see clamp_f32.h. */
#define SIMREF_CLAMP_FIELDS                                                                                  \
    float low;                                                                                               \
    float high;
#define SIMREF_DECLARE_CLAMPED_BINARY(name)                                                                  \
    SIMREF_DECLARE_BINARY_WITH(name, float, float, SIMREF_CLAMP_FIELDS)

/* expression: of a and b, one element of each operand; finish: done with each row y of p->count results. */
#define SIMREF_DEFINE_BINARY_WITH(name, X, Y, expression, finish)                                            \
    static inline void simref_##name##_row(const X *from_a, int32_t a_step, const X *from_b, int32_t b_step, \
                                           Y *y, int32_t count) {                                            \
        const Y *const end = y + count;                                                                      \
        do {                                                                                                 \
            const X a = *from_a, b = *from_b;                                                                \
            *y++ = (Y)(expression);                                                                          \
            from_a += a_step;                                                                                \
            from_b += b_step;                                                                                \
        } while (y != end);                                                                                  \
    }                                                                                                        \
    void simref_##name(const struct simref_##name##_params *p, const X *a, const X *b, Y *y) {               \
        int32_t index[SIMREF_OUTER_LOOPS] = {0};                                                             \
        for (;;) {                                                                                           \
            if (p->a_step == 1 && p->b_step == 1) {                                                          \
                simref_##name##_row(a, 1, b, 1, y, p->count);                                                \
            } else {                                                                                         \
                simref_##name##_row(a, p->a_step, b, p->b_step, y, p->count);                                \
            }                                                                                                \
            finish;                                                                                          \
            const int32_t loop = simref_next_row(index, p->outer_count);                                     \
            if (loop == SIMREF_OUTER_LOOPS) {                                                                \
                return;                                                                                      \
            }                                                                                                \
            a += p->a_advance[loop];                                                                         \
            b += p->b_advance[loop];                                                                         \
            y += p->count;                                                                                   \
        }                                                                                                    \
    }

#define SIMREF_DEFINE_BINARY(name, X, Y, expression)                                                         \
    SIMREF_DEFINE_BINARY_WITH(name, X, Y, expression, (void)0)

#define SIMREF_DEFINE_CLAMPED_BINARY(name, expression)                                                       \
    SIMREF_DEFINE_BINARY_WITH(name, float, float, expression, simref_clamp_f32(y, p->count, p->low, p->high))

#endif
