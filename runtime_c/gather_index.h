/* What the gathering kernels share: an index made safe, and the bytes that it moves. */
#ifndef SIMREF_GATHER_INDEX_H
#define SIMREF_GATHER_INDEX_H

#include <stdint.h>

/* Elements are moved as bits, whatever their C type. */
typedef uint32_t __attribute__((may_alias)) simref_gathered_word;

/* Index `at` of int32 or (wide) int64 indices: a negative one counts from the end, one outside becomes the
 * nearest inside, 0 to size - 1. */
static inline int32_t simref_gather_index(const void *indices, int32_t at, int32_t wide, int32_t size) {
    if (wide) {
        int64_t index = ((const int64_t *)indices)[at];
        index += index < 0 ? size : 0;
        return index < 0 ? 0 : index < size ? (int32_t)index : size - 1;
    }
    int32_t index = ((const int32_t *)indices)[at];
    index += index < 0 ? size : 0;
    return index < 0 ? 0 : index < size ? index : size - 1;
}

/* Copies `run` bytes, by words where both addresses and their number are multiples of 4. */
static inline void simref_gather_run(const uint8_t *x, uint8_t *y, int32_t run, int32_t aligned) {
    if (aligned) {
        const simref_gathered_word *from = (const void *)x;
        simref_gathered_word *to = (void *)y;
        for (; run > 0; run -= 4) {
            *to++ = *from++;
        }
    } else {
        do {
            *y++ = *x++;
        } while (--run != 0);
    }
}

#endif
