/* The body of a reduction of numbers, included once by its C file, which defines
 *   SIMREF_PARAMS           the parameter struct, with the members of struct simref_reduce_walk in `walk`
 *   SIMREF_KERNEL           the function
 *   SIMREF_NUMBER           the C type of x and y
 *   SIMREF_FIRST(x)         where an output starts, given its first x
 *   SIMREF_NEXT(y, x)       what the next x makes of it
 *   SIMREF_LAST(p, y)       what is stored
 * Each output takes its elements one after the other, in the order of x. */
#include "reduce_walk.h"

static SIMREF_NUMBER simref_reduce_one(const struct simref_reduce_walk *walk, const SIMREF_NUMBER *x) {
    const int32_t step = walk->step;
    int32_t index[SIMREF_OUTER_REDUCED] = {0};
    SIMREF_NUMBER y = SIMREF_FIRST(*x);
    for (;;) {
        const SIMREF_NUMBER *from = x;
        for (int32_t i = walk->count; i != 0; i--) {
            y = SIMREF_NEXT(y, *from);
            from += step;
        }
        const int32_t loop = simref_next_step(index, walk->reduced_count, SIMREF_OUTER_REDUCED);
        if (loop == SIMREF_OUTER_REDUCED) {
            return y;
        }
        x += walk->reduced_advance[loop];
    }
}

/* y[k] of x[k] and what follows it, for k from 0 to 3. */
static void simref_reduce_four(const struct SIMREF_PARAMS *p, const SIMREF_NUMBER *x, SIMREF_NUMBER *y) {
    const struct simref_reduce_walk *walk = &p->walk;
    const int32_t step = walk->step;
    int32_t index[SIMREF_OUTER_REDUCED] = {0};
    SIMREF_NUMBER y0 = SIMREF_FIRST(x[0]), y1 = SIMREF_FIRST(x[1]);
    SIMREF_NUMBER y2 = SIMREF_FIRST(x[2]), y3 = SIMREF_FIRST(x[3]);
    for (;;) {
        const SIMREF_NUMBER *from = x;
        for (int32_t i = walk->count; i != 0; i--) {
            y0 = SIMREF_NEXT(y0, from[0]);
            y1 = SIMREF_NEXT(y1, from[1]);
            y2 = SIMREF_NEXT(y2, from[2]);
            y3 = SIMREF_NEXT(y3, from[3]);
            from += step;
        }
        const int32_t loop = simref_next_step(index, walk->reduced_count, SIMREF_OUTER_REDUCED);
        if (loop == SIMREF_OUTER_REDUCED) {
            break;
        }
        x += walk->reduced_advance[loop];
    }
    y[0] = SIMREF_LAST(p, y0);
    y[1] = SIMREF_LAST(p, y1);
    y[2] = SIMREF_LAST(p, y2);
    y[3] = SIMREF_LAST(p, y3);
}

void SIMREF_KERNEL(const struct SIMREF_PARAMS *p, const SIMREF_NUMBER *x, SIMREF_NUMBER *y) {
    const struct simref_reduce_walk *walk = &p->walk;
    int32_t index[SIMREF_OUTER_KEPT] = {0};
    for (;;) {
        const SIMREF_NUMBER *from = x;
        int32_t left = walk->kept;
        for (; walk->kept_step == 1 && left >= 4; left -= 4) {
            simref_reduce_four(p, from, y);
            from += 4;
            y += 4;
        }
        for (; left != 0; left--) {
            *y++ = SIMREF_LAST(p, simref_reduce_one(walk, from));
            from += walk->kept_step;
        }
        const int32_t loop = simref_next_step(index, walk->kept_count, SIMREF_OUTER_KEPT);
        if (loop == SIMREF_OUTER_KEPT) {
            return;
        }
        x += walk->kept_advance[loop];
    }
}
