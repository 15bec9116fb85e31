#include "matmul_s8.h"

#include "requantize.h"

/* Eight low registers hold the sums of one row, not of two. */
#if defined(__thumb__) && !defined(__thumb2__)
#define SIMREF_TWO_ROWS 0
#else
#define SIMREF_TWO_ROWS 1
#endif

static inline int8_t simref_output(const struct simref_dense_s8 *d, const struct simref_channel *c,
                                   int32_t sum) {
    const int32_t shift = *c->shift;
    const int32_t y = simref_scale(simref_biased(c, sum), *c->multiplier, shift, simref_halves(shift));
    return (int8_t)simref_clamp(y + d->output_zero_point, d->low, d->high);
}

static void simref_store(const struct simref_dense_s8 *d, struct simref_channel *c,
                         const struct simref_sums *s, int8_t *y) {
    const int32_t sums[SIMREF_BLOCK] = {s->c0, s->c1, s->c2, s->c3};
    for (int k = 0; k < SIMREF_BLOCK; k++) {
        y[k] = simref_output(d, c, sums[k]);
        simref_next_channel(d, c);
    }
}

void simref_matmul_row_s8(const struct simref_dense_s8 *d, const int8_t *x, const int8_t *w, const int32_t *b,
                          int8_t *y) {
    struct simref_channel c = simref_first_channel(d, b);
    int32_t left = d->channels;
    for (; left >= SIMREF_BLOCK; left -= SIMREF_BLOCK) {
        const struct simref_sums s = simref_dot_block(x, w, d->depth);
        simref_store(d, &c, &s, y);
        w += SIMREF_BLOCK * d->depth;
        y += SIMREF_BLOCK;
    }
    for (; left > 0; left--) {
        *y++ = simref_output(d, &c, simref_dot(x, w, d->depth));
        simref_next_channel(d, &c);
        w += d->depth;
    }
}

#if SIMREF_TWO_ROWS
struct simref_two_sums {
    struct simref_sums row0, row1;
};

static inline struct simref_two_sums simref_dot_blocks(const int8_t *x0, const int8_t *x1, const int8_t *w,
                                                       int32_t depth) {
    struct simref_two_sums s = {{0, 0, 0, 0}, {0, 0, 0, 0}};
    for (const int8_t *end = x0 + depth; x0 != end; w += SIMREF_BLOCK) {
        const int32_t p = *x0++;
        const int32_t q = *x1++;
        simref_add_products(&s.row0, p, w);
        simref_add_products(&s.row1, q, w);
    }
    return s;
}

/* Both rows channel by channel, so that each channel's scale is loaded once. */
static void simref_store_both(const struct simref_dense_s8 *d, struct simref_channel *c,
                              const struct simref_two_sums *s, int8_t *y0, int8_t *y1) {
    const int32_t sums[2 * SIMREF_BLOCK] = {s->row0.c0, s->row1.c0, s->row0.c1, s->row1.c1,
                                            s->row0.c2, s->row1.c2, s->row0.c3, s->row1.c3};
    const int32_t *sum = sums;
    for (int k = 0; k < SIMREF_BLOCK; k++, sum += 2) {
        y0[k] = simref_output(d, c, sum[0]);
        y1[k] = simref_output(d, c, sum[1]);
        simref_next_channel(d, c);
    }
}

void simref_matmul_rows_s8(const struct simref_dense_s8 *d, const int8_t *x0, const int8_t *x1,
                           const int8_t *w, const int32_t *b, int8_t *y0, int8_t *y1) {
    struct simref_channel c = simref_first_channel(d, b);
    int32_t left = d->channels;
    for (; left >= SIMREF_BLOCK; left -= SIMREF_BLOCK) {
        const struct simref_two_sums s = simref_dot_blocks(x0, x1, w, d->depth);
        simref_store_both(d, &c, &s, y0, y1);
        w += SIMREF_BLOCK * d->depth;
        y0 += SIMREF_BLOCK;
        y1 += SIMREF_BLOCK;
    }
    for (; left > 0; left--) {
        *y0++ = simref_output(d, &c, simref_dot(x0, w, d->depth));
        *y1++ = simref_output(d, &c, simref_dot(x1, w, d->depth));
        simref_next_channel(d, &c);
        w += d->depth;
    }
}
#else
void simref_matmul_rows_s8(const struct simref_dense_s8 *d, const int8_t *x0, const int8_t *x1,
                           const int8_t *w, const int32_t *b, int8_t *y0, int8_t *y1) {
    simref_matmul_row_s8(d, x0, w, b, y0);
    simref_matmul_row_s8(d, x1, w, b, y1);
}
#endif
