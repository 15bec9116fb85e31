#include "fill_strided.h"

#include <string.h>

void simref_fill_strided(const struct simref_fill_strided_params *p, void *y) {
    uint8_t *to = (uint8_t *)y + p->offset;
    for (int32_t count = p->count; count > 0; count--, to += p->step) {
        memset(to, p->value, (size_t)p->run);
    }
}
