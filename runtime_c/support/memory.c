/*
 * memcpy, memmove, memset and memcmp for an image without a C library.
 *
 * The destination is brought to a word boundary byte by byte, then words are stored, four per turn,
 * then the last bytes. A source that is not word-aligned then is read through a packed struct: one
 * load where the core allows unaligned access, four byte loads where it does not.
 *
 * To be compiled so that no loop here is recognized as a call of memcpy or memset itself.
 */
#include <stdint.h>
#include <string.h>

#define SIMREF_WORD 4u
/* Below this many bytes, finding the boundary costs more than the words save. */
#define SIMREF_SHORT 16u

typedef uint32_t __attribute__((may_alias)) simref_word;

typedef struct __attribute__((packed, may_alias)) {
    uint32_t value;
} simref_unaligned_word;

static size_t simref_bytes_to_word(const void *address) {
    return (size_t)(0u - (uintptr_t)address) % SIMREF_WORD;
}

/* Out of line, as is its twin: together they would spill on a core with eight handy registers. */
static __attribute__((noinline)) void simref_copy_words(simref_word *d, const simref_word *s, size_t words) {
    for (; words >= 4; words -= 4, d += 4, s += 4) {
        const uint32_t a = s[0], b = s[1], c = s[2], e = s[3];
        d[0] = a;
        d[1] = b;
        d[2] = c;
        d[3] = e;
    }
    while (words-- > 0) {
        *d++ = *s++;
    }
}

static __attribute__((noinline)) void simref_copy_unaligned(simref_word *d, const simref_unaligned_word *s,
                                                            size_t words) {
    for (; words >= 4; words -= 4, d += 4, s += 4) {
        const uint32_t a = s[0].value, b = s[1].value, c = s[2].value, e = s[3].value;
        d[0] = a;
        d[1] = b;
        d[2] = c;
        d[3] = e;
    }
    while (words-- > 0) {
        *d++ = (s++)->value;
    }
}

/* Right for d below s too: each group of words is read before a word at or below it is written. */
static void simref_copy_upward(unsigned char *d, const unsigned char *s, size_t size) {
    if (size >= SIMREF_SHORT) {
        size_t head = simref_bytes_to_word(d);
        size -= head;
        while (head-- > 0) {
            *d++ = *s++;
        }
        const size_t words = size / SIMREF_WORD;
        if ((uintptr_t)s % SIMREF_WORD == 0) {
            simref_copy_words((void *)d, (const void *)s, words);
        } else {
            simref_copy_unaligned((void *)d, (const void *)s, words);
        }
        d += words * SIMREF_WORD;
        s += words * SIMREF_WORD;
        size %= SIMREF_WORD;
    }
    while (size-- > 0) {
        *d++ = *s++;
    }
}

static void simref_copy_downward(unsigned char *d, const unsigned char *s, size_t size) {
    if (((uintptr_t)d - (uintptr_t)s) % SIMREF_WORD == 0) {
        while (size > 0 && ((uintptr_t)d + size) % SIMREF_WORD != 0) {
            size--;
            d[size] = s[size];
        }
        for (; size >= SIMREF_WORD; size -= SIMREF_WORD) {
            const void *from = s + size - SIMREF_WORD;
            void *to = d + size - SIMREF_WORD;
            *(simref_word *)to = *(const simref_word *)from;
        }
    }
    while (size > 0) {
        size--;
        d[size] = s[size];
    }
}

void *memcpy(void *restrict destination, const void *restrict source, size_t size) {
    simref_copy_upward(destination, source, size);
    return destination;
}

void *memmove(void *destination, const void *source, size_t size) {
    /* Unsigned: true as well for a destination below the source. */
    if ((uintptr_t)destination - (uintptr_t)source >= size) {
        simref_copy_upward(destination, source, size);
    } else {
        simref_copy_downward(destination, source, size);
    }
    return destination;
}

void *memset(void *destination, int value, size_t size) {
    unsigned char *d = destination;
    const unsigned char byte = (unsigned char)value;
    if (size >= SIMREF_SHORT) {
        size_t head = simref_bytes_to_word(d);
        const uint32_t word = byte * UINT32_C(0x01010101);
        size -= head;
        while (head-- > 0) {
            *d++ = byte;
        }
        simref_word *w = (void *)d;
        for (; size >= 4 * SIMREF_WORD; size -= 4 * SIMREF_WORD, w += 4) {
            w[0] = word;
            w[1] = word;
            w[2] = word;
            w[3] = word;
        }
        for (; size >= SIMREF_WORD; size -= SIMREF_WORD) {
            *w++ = word;
        }
        d = (void *)w;
    }
    while (size-- > 0) {
        *d++ = byte;
    }
    return destination;
}

int memcmp(const void *left, const void *right, size_t size) {
    const unsigned char *l = left;
    const unsigned char *r = right;
    for (; size > 0; size--, l++, r++) {
        if (*l != *r) {
            return *l - *r;
        }
    }
    return 0;
}
