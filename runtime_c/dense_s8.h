/* The inner loops of convolutions and dense layers: a row of int8 against one channel's weights, or four's.
 *
 * Weights w come in blocks of four channels, [depth][4] each, so that one pointer walks them in order; the
 * last channels % 4 channels follow one by one, [depth] each. Biases b hold the bias less input_zero_point
 * times the sum of the channel's weights. Products add up within int32, as the generator has checked; a bias
 * is added modulo 2^32.
 */
#ifndef SIMREF_DENSE_S8_H
#define SIMREF_DENSE_S8_H

#include <stdint.h>

enum { SIMREF_BLOCK = 4 };

/* depth: int8 values per row. per_channel: 1 where each channel has its multiplier and shift, 0 where all
 * share one. low, high: the output's range. */
struct simref_dense_s8 {
    int32_t depth;
    int32_t channels;
    int32_t per_channel;
    int32_t output_zero_point;
    int32_t low;
    int32_t high;
    const int32_t *multiplier;
    const int8_t *shift;
};

/* Where a walk over the channels stands. */
struct simref_channel {
    const int32_t *b;
    const int32_t *multiplier;
    const int8_t *shift;
};

/* The sums of four channels. */
struct simref_sums {
    int32_t c0, c1, c2, c3;
};

static inline struct simref_channel simref_first_channel(const struct simref_dense_s8 *d, const int32_t *b) {
    const struct simref_channel c = {b, d->multiplier, d->shift};
    return c;
}

static inline void simref_next_channel(const struct simref_dense_s8 *d, struct simref_channel *c) {
    c->b++;
    c->multiplier += d->per_channel;
    c->shift += d->per_channel;
}

/* A channel's sum of products with its bias, modulo 2^32. */
static inline int32_t simref_biased(const struct simref_channel *c, int32_t sum) {
    return (int32_t)((uint32_t)sum + (uint32_t)*c->b);
}

static inline void simref_add_products(struct simref_sums *s, int32_t x, const int8_t *w) {
    s->c0 += x * w[0];
    s->c1 += x * w[1];
    s->c2 += x * w[2];
    s->c3 += x * w[3];
}

static inline struct simref_sums simref_dot_block(const int8_t *x, const int8_t *w, int32_t depth) {
    struct simref_sums s = {0, 0, 0, 0};
    for (const int8_t *end = x + depth; x != end; w += SIMREF_BLOCK) {
        simref_add_products(&s, *x++, w);
    }
    return s;
}

static inline int32_t simref_dot(const int8_t *x, const int8_t *w, int32_t depth) {
    int32_t sum = 0;
    for (const int8_t *end = x + depth; x != end;) {
        sum += *x++ * *w++;
    }
    return sum;
}

#endif
