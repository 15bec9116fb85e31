#include "gather.h"

#include "gather_index.h"

static int32_t simref_gather_offset(const struct simref_gather_params *p, const void *indices,
                                    int32_t place) {
    int32_t offset = 0;
    for (int32_t d = 0; d < p->depth; d++) {
        offset += p->step[d] * simref_gather_index(indices, place * p->depth + d, p->wide, p->size[d]);
    }
    return offset;
}

void simref_gather(const struct simref_gather_params *p, const void *x, const void *indices, void *y) {
    const uint8_t *from = x;
    uint8_t *to = y;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t outer = 0; outer < p->outer; outer++, from += p->outer_step) {
            for (int32_t k = 0; k < p->count; k++, to += p->run) {
                const int32_t offset = simref_gather_offset(p, indices, batch * p->count + k);
                simref_gather_run(from + offset, to, p->run, p->aligned);
            }
        }
    }
}
