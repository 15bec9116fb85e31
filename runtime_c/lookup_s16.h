/* y = table[x]: any function of one 8-bit value with a 16-bit result. */
#ifndef SIMREF_LOOKUP_S16_H
#define SIMREF_LOOKUP_S16_H

#include <stdint.h>

/* table: 256 results, indexed by the input's byte taken as unsigned. */
struct simref_lookup_s16_params {
    int32_t count;
    const int16_t *table;
};

/* x: count bytes, int8 or uint8; y: count values, not where x is. */
void simref_lookup_s16(const struct simref_lookup_s16_params *p, const void *x, int16_t *y);

#endif
