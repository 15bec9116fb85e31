#include "select_v2.h"

/* Elements are chosen as bits, whatever their C type. */
typedef uint8_t simref_select_bits8;
typedef uint16_t __attribute__((may_alias)) simref_select_bits16;
typedef uint32_t __attribute__((may_alias)) simref_select_bits32;
typedef uint64_t __attribute__((may_alias)) simref_select_bits64;

#define SIMREF_DEFINE_SELECT(bits)                                                                           \
    void simref_select_v2_##bits(const struct simref_select_v2_##bits##_params *p, const uint8_t *c,         \
                                 const void *a_start, const void *b_start, void *y_start) {                  \
        const simref_select_bits##bits *a = a_start, *b = b_start;                                           \
        simref_select_bits##bits *y = y_start;                                                               \
        int32_t index[SIMREF_OUTER_LOOPS] = {0};                                                             \
        for (;;) {                                                                                           \
            for (int32_t k = 0; k < p->count; k++) {                                                         \
                *y++ = c[k * p->c_step] != 0 ? a[k * p->a_step] : b[k * p->b_step];                          \
            }                                                                                                \
            const int32_t loop = simref_next_row(index, p->outer_count);                                     \
            if (loop == SIMREF_OUTER_LOOPS) {                                                                \
                return;                                                                                      \
            }                                                                                                \
            a += p->a_advance[loop];                                                                         \
            b += p->b_advance[loop];                                                                         \
            c += p->c_advance[loop];                                                                         \
        }                                                                                                    \
    }

SIMREF_DEFINE_SELECT(8)
SIMREF_DEFINE_SELECT(16)
SIMREF_DEFINE_SELECT(32)
SIMREF_DEFINE_SELECT(64)
