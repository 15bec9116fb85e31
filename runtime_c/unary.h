/* Kernels that apply one function to each element, as templates: an operator gives its type and expression.
 */
#ifndef SIMREF_UNARY_H
#define SIMREF_UNARY_H

#include <stdint.h>

/* fields: parameters besides the count, each with its semicolon. y may be x. */
#define SIMREF_DECLARE_UNARY_WITH(name, T, fields)                                                           \
    struct simref_##name##_params {                                                                          \
        int32_t count;                                                                                       \
        fields                                                                                               \
    };                                                                                                       \
    void simref_##name(const struct simref_##name##_params *p, const T *x, T *y)

#define SIMREF_DECLARE_UNARY(name, T) SIMREF_DECLARE_UNARY_WITH(name, T, )

/* expression: of x, one element, and p, a copy of the parameters, which stores to y cannot change. */
#define SIMREF_DEFINE_UNARY(name, T, expression)                                                             \
    void simref_##name(const struct simref_##name##_params *params, const T *from, T *to) {                  \
        const struct simref_##name##_params p = *params;                                                     \
        const T *const end = from + p.count;                                                                 \
        do {                                                                                                 \
            const T x = *from++;                                                                             \
            *to++ = (T)(expression);                                                                         \
        } while (from != end);                                                                               \
    }

#endif
