#ifndef SIMREF_COPY_STRIDED_H
#define SIMREF_COPY_STRIDED_H

#include <stdint.h>

#define SIMREF_COPY_STRIDED_RANK 6

/* A loop nest over elements, outermost loop first; all distances in bytes.
 *
 * element: bytes moved at a time; with 2, 4 and 16 every address is a multiple of 2, 4 and 4.
 * x_step, y_step: how far the pointers move when a loop advances, rewinding the loops within it; those of the
 * innermost loop are its plain strides, for it walks on pointers of its own. */
struct simref_copy_strided_params {
    int32_t element;
    int32_t x_offset;
    int32_t y_offset;
    int32_t count[SIMREF_COPY_STRIDED_RANK];
    int32_t x_step[SIMREF_COPY_STRIDED_RANK];
    int32_t y_step[SIMREF_COPY_STRIDED_RANK];
};

/* Copies elements from x to y, which do not overlap. */
void simref_copy_strided(const struct simref_copy_strided_params *p, const void *x, void *y);

#endif
