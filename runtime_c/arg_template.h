/* The body of a search for the place of an extreme, included once by its C file, which defines
 *   SIMREF_PARAMS         the parameter struct, see arg_walk.h
 *   SIMREF_KERNEL         the function
 *   SIMREF_NUMBER         the C type of x
 *   SIMREF_BEATS(x, y)    whether x is found after y */
#include "arg_walk.h"

static int32_t simref_place_of_best(const SIMREF_NUMBER *x, int32_t count, int32_t step) {
    SIMREF_NUMBER best = *x;
    int32_t found = 0;
    for (int32_t i = 1; i < count; i++) {
        x += step;
        if (SIMREF_BEATS(*x, best)) {
            best = *x;
            found = i;
        }
    }
    return found;
}

void SIMREF_KERNEL(const struct SIMREF_PARAMS *p, const SIMREF_NUMBER *x, void *y) {
    const int32_t count = p->count, inner = p->inner, last = count - 1;
    int32_t output = 0;
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < inner; i++) {
            const int32_t found = p->from_last
                                      ? last - simref_place_of_best(x + i + last * inner, count, -inner)
                                      : simref_place_of_best(x + i, count, inner);
            simref_store_index(y, output++, found, p->index_bytes);
        }
        x += count * inner;
    }
}
