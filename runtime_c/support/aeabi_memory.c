/*
 * The names under which the Arm run-time ABI (RTABI, section 4.3.4) lets a compiler call the memory
 * functions; the suffix is the alignment that the caller knows of. clang calls them, gcc the names of C.
 */
#include <string.h>

void __aeabi_memcpy(void *destination, const void *source, size_t size);
void __aeabi_memcpy4(void *destination, const void *source, size_t size);
void __aeabi_memcpy8(void *destination, const void *source, size_t size);
void __aeabi_memmove(void *destination, const void *source, size_t size);
void __aeabi_memmove4(void *destination, const void *source, size_t size);
void __aeabi_memmove8(void *destination, const void *source, size_t size);
void __aeabi_memset(void *destination, size_t size, int value);
void __aeabi_memset4(void *destination, size_t size, int value);
void __aeabi_memset8(void *destination, size_t size, int value);
void __aeabi_memclr(void *destination, size_t size);
void __aeabi_memclr4(void *destination, size_t size);
void __aeabi_memclr8(void *destination, size_t size);

void __aeabi_memcpy(void *destination, const void *source, size_t size) {
    memcpy(destination, source, size);
}

void __aeabi_memcpy4(void *destination, const void *source, size_t size) {
    memcpy(destination, source, size);
}

void __aeabi_memcpy8(void *destination, const void *source, size_t size) {
    memcpy(destination, source, size);
}

void __aeabi_memmove(void *destination, const void *source, size_t size) {
    memmove(destination, source, size);
}

void __aeabi_memmove4(void *destination, const void *source, size_t size) {
    memmove(destination, source, size);
}

void __aeabi_memmove8(void *destination, const void *source, size_t size) {
    memmove(destination, source, size);
}

void __aeabi_memset(void *destination, size_t size, int value) {
    memset(destination, value, size);
}

void __aeabi_memset4(void *destination, size_t size, int value) {
    memset(destination, value, size);
}

void __aeabi_memset8(void *destination, size_t size, int value) {
    memset(destination, value, size);
}

void __aeabi_memclr(void *destination, size_t size) {
    memset(destination, 0, size);
}

void __aeabi_memclr4(void *destination, size_t size) {
    memset(destination, 0, size);
}

void __aeabi_memclr8(void *destination, size_t size) {
    memset(destination, 0, size);
}
