/* Indices as int32 or as int64. */
#ifndef SIMREF_STORE_INDEX_H
#define SIMREF_STORE_INDEX_H

#include <stdint.h>

/* y[place] = index, of 4 or 8 bytes. */
static inline void simref_store_index(void *y, int32_t place, int32_t index, int32_t bytes) {
    if (bytes == 4) {
        ((int32_t *)y)[place] = index;
    } else {
        ((int64_t *)y)[place] = index;
    }
}

/* y[to] = y[from] */
static inline void simref_copy_index(void *y, int32_t to, int32_t from, int32_t bytes) {
    if (bytes == 4) {
        ((int32_t *)y)[to] = ((int32_t *)y)[from];
    } else {
        ((int64_t *)y)[to] = ((int64_t *)y)[from];
    }
}

#endif
