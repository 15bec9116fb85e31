#ifndef SIMREF_GATHER_H
#define SIMREF_GATHER_H

#include <stdint.h>

#define SIMREF_GATHER_DEPTH 6

/* For each of `batches` sets of `count` places: from each of `outer` parts of x, `outer_step` bytes apart,
 * `run` bytes at each place. A place is `depth` indices; index d below size[d] is worth step[d] bytes.
 *
 * aligned: the run and all addresses are multiples of 4. wide: the indices are int64, else int32. */
struct simref_gather_params {
    int32_t run;
    int32_t aligned;
    int32_t wide;
    int32_t batches;
    int32_t outer;
    int32_t outer_step;
    int32_t count;
    int32_t depth;
    int32_t size[SIMREF_GATHER_DEPTH];
    int32_t step[SIMREF_GATHER_DEPTH];
};

/* Copies runs from x to y, which do not overlap. A negative index counts from the end; one outside reads the
 * nearest element. */
void simref_gather(const struct simref_gather_params *p, const void *x, const void *indices, void *y);

#endif
