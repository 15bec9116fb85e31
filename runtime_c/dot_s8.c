#include "dot_s8.h"

/* Four channels. */
struct simref_four {
    uint32_t c0, c1, c2, c3;
};

static inline struct simref_four simref_biases(const int32_t *b) {
    const struct simref_four s = {(uint32_t)b[0], (uint32_t)b[1], (uint32_t)b[2], (uint32_t)b[3]};
    return s;
}

static inline void simref_add_products(struct simref_four *s, int32_t x, const int8_t *w) {
    s->c0 += (uint32_t)(x * w[0]);
    s->c1 += (uint32_t)(x * w[1]);
    s->c2 += (uint32_t)(x * w[2]);
    s->c3 += (uint32_t)(x * w[3]);
}

static inline void simref_put(const struct simref_four *s, int32_t *sums) {
    sums[0] = (int32_t)s->c0;
    sums[1] = (int32_t)s->c1;
    sums[2] = (int32_t)s->c2;
    sums[3] = (int32_t)s->c3;
}

void simref_dot_1x8_s8(const int8_t *x, const int8_t *w, const int32_t *b, int32_t depth, int32_t *sums) {
    struct simref_four low = simref_biases(b);
    struct simref_four high = simref_biases(b + 4);
    for (const int8_t *end = x + depth; x != end; w += SIMREF_BLOCK) {
        const int32_t v = *x++;
        simref_add_products(&low, v, w);
        simref_add_products(&high, v, w + 4);
    }
    simref_put(&low, sums);
    simref_put(&high, sums + 4);
}

/* ARMv6-M's eight low registers hold the sums of one row at a time. Elsewhere two rows and four channels fit,
 * so that each value loaded serves four products, or two. */
#if defined(__thumb__) && !defined(__thumb2__)

void simref_dot_2x8_s8(const int8_t *x0, const int8_t *x1, const int8_t *w, const int32_t *b, int32_t depth,
                       int32_t *sums) {
    simref_dot_1x8_s8(x0, w, b, depth, sums);
    simref_dot_1x8_s8(x1, w, b, depth, sums + SIMREF_BLOCK);
}

#else

void simref_dot_2x8_s8(const int8_t *x0, const int8_t *x1, const int8_t *w, const int32_t *b, int32_t depth,
                       int32_t *sums) {
    for (int32_t k = 0; k < SIMREF_BLOCK; k += 4) {
        struct simref_four row0 = simref_biases(b + k);
        struct simref_four row1 = row0;
        const int8_t *v = w + k;
        const int8_t *p = x0;
        const int8_t *q = x1;
        for (const int8_t *end = p + depth; p != end; v += SIMREF_BLOCK) {
            const int32_t a = *p++;
            const int32_t c = *q++;
            simref_add_products(&row0, a, v);
            simref_add_products(&row1, c, v);
        }
        simref_put(&row0, sums + k);
        simref_put(&row1, sums + SIMREF_BLOCK + k);
    }
}

#endif

void simref_dot_rest_s8(const int8_t *x, const int8_t *w, const int32_t *b, int32_t depth, int32_t channels,
                        int32_t *sums) {
    int32_t k = 0;
    if (channels >= 4) {
        struct simref_four s = simref_biases(b);
        for (int32_t i = 0; i < depth; i++, w += 4) {
            simref_add_products(&s, x[i], w);
        }
        simref_put(&s, sums);
        k = 4;
    }
    for (; k < channels; k++) {
        uint32_t sum = (uint32_t)b[k];
        for (int32_t i = 0; i < depth; i++) {
            sum += (uint32_t)(x[i] * *w++);
        }
        sums[k] = (int32_t)sum;
    }
}
