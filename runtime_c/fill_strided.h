#ifndef SIMREF_FILL_STRIDED_H
#define SIMREF_FILL_STRIDED_H

#include <stdint.h>

/* `count` runs of `run` bytes, the first at `offset`, each `step` bytes behind the one before. */
struct simref_fill_strided_params {
    int32_t value; /* of each byte */
    int32_t offset;
    int32_t run;
    int32_t count;
    int32_t step;
};

/* Sets the bytes of the runs in y. */
void simref_fill_strided(const struct simref_fill_strided_params *p, void *y);

#endif
