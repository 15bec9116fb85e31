/* Indices of four bits, two in a byte, the first in its low bits. */
#ifndef SIMREF_LUT4_H
#define SIMREF_LUT4_H

#include <stdint.h>

/* The item-th index of w. */
static inline uint32_t simref_index4(const uint8_t *w, int32_t item) {
    return ((uint32_t)w[item / 2] >> (4 * (item & 1))) & 15u;
}

#endif
