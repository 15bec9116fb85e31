#ifndef SIMREF_GATHER_ELEMENTS_H
#define SIMREF_GATHER_ELEMENTS_H

#include <stdint.h>

/* y[outer][count][inner] = x[outer][indices[outer][count][inner]][inner], in elements of `run` bytes; x has
 * `size` elements along its middle dimension.
 *
 * aligned: the run and all addresses are multiples of 4. wide: the indices are int64, else int32. */
struct simref_gather_elements_params {
    int32_t run;
    int32_t aligned;
    int32_t wide;
    int32_t outer;
    int32_t count;
    int32_t inner;
    int32_t size;
};

/* Copies elements from x to y, which do not overlap. A negative index counts from the end; one outside reads
 * the nearest element. */
void simref_gather_elements(const struct simref_gather_elements_params *p, const void *x, const void *indices,
                            void *y);

#endif
