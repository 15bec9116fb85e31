#include "gather_elements.h"

#include "gather_index.h"

void simref_gather_elements(const struct simref_gather_elements_params *p, const void *x, const void *indices,
                            void *y) {
    const uint8_t *from = x;
    uint8_t *to = y;
    int32_t at = 0;
    for (int32_t outer = 0; outer < p->outer; outer++, from += p->size * p->inner * p->run) {
        for (int32_t k = 0; k < p->count; k++) {
            for (int32_t inner = 0; inner < p->inner; inner++, at++, to += p->run) {
                const int32_t row = simref_gather_index(indices, at, p->wide, p->size);
                simref_gather_run(from + (row * p->inner + inner) * p->run, to, p->run, p->aligned);
            }
        }
    }
}
