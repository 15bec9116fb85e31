/* y = table[x]: any function of one 8-bit value with an 8-bit result. */
#ifndef SIMREF_LOOKUP_S8_H
#define SIMREF_LOOKUP_S8_H

#include <stdint.h>

/* table: 256 results, indexed by the input's byte taken as unsigned. */
struct simref_lookup_s8_params {
    int32_t count;
    const uint8_t *table;
};

/* x, y: count bytes, int8 or uint8; y may be x. */
void simref_lookup_s8(const struct simref_lookup_s8_params *p, const void *x, void *y);

#endif
