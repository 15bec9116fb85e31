#include "lookup_s16.h"

void simref_lookup_s16(const struct simref_lookup_s16_params *p, const void *x, int16_t *y) {
    const int16_t *const table = p->table;
    const uint8_t *from = x;
    const uint8_t *const end = from + p->count;
    while (from != end) {
        *y++ = table[*from++];
    }
}
