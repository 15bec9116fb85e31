#include "lookup_s8.h"

void simref_lookup_s8(const struct simref_lookup_s8_params *p, const void *x, void *y) {
    const uint8_t *const table = p->table;
    const uint8_t *from = x;
    uint8_t *to = y;
    const uint8_t *const end = from + p->count;
    const uint8_t *const end_of_fours = from + (p->count & ~3);
    while (from != end_of_fours) {
        to[0] = table[from[0]];
        to[1] = table[from[1]];
        to[2] = table[from[2]];
        to[3] = table[from[3]];
        from += 4;
        to += 4;
    }
    while (from != end) {
        *to++ = table[*from++];
    }
}
