/* Which taps of a window lie inside an image, along one axis. */
#ifndef SIMREF_TAPS_H
#define SIMREF_TAPS_H

#include <stdint.h>

/* before: taps ahead of the image. count: taps inside, 0 or more. start: where the first of these lies, 0
 * where there is none. */
struct simref_inside {
    int32_t before;
    int32_t count;
    int32_t start;
};

/* Of `taps` taps that lie `step` apart, the first at `first`, which may be negative, of an axis of `size`. */
static inline struct simref_inside simref_taps_inside(int32_t first, int32_t step, int32_t taps,
                                                      int32_t size) {
    struct simref_inside inside = {0, taps, first};
    for (; inside.count > 0 && inside.start < 0; inside.start += step) {
        inside.before++;
        inside.count--;
    }
    while (inside.count > 0 && inside.start + (inside.count - 1) * step >= size) {
        inside.count--;
    }
    if (inside.count == 0) {
        inside.start = 0;
    }
    return inside;
}

#endif
