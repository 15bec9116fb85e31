/* The four functions of <string.h> that a compiler may call on its own; no C library is linked. */
#ifndef SIMREF_SUPPORT_STRING_H
#define SIMREF_SUPPORT_STRING_H

#include <stddef.h>

void *memcpy(void *restrict destination, const void *restrict source, size_t size);
void *memmove(void *destination, const void *source, size_t size);
void *memset(void *destination, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);

#endif
