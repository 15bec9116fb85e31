#include "depthwise_conv_2d_s8.h"

#include <string.h>

#include "requantize.h"

typedef struct simref_depthwise_conv_2d_s8_params simref_params;

/* Neighbouring outputs computed at a time. At the end of a row some are computed in vain. */
enum { SIMREF_OUTPUTS = 4 };

struct simref_outputs {
    int32_t y0, y1, y2, y3;
};

/* An output channel's weights, its bias, which is added modulo 2^32, and how the sum is rounded. */
struct simref_channel {
    const int8_t *w;
    uint32_t bias;
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
};

/* Row `row` of one channel of an image into a buffer row whose columns outside the image hold the zero point.
 */
static void simref_gather_row(const simref_params *p, const int8_t *x, int32_t row, int8_t *buffer) {
    if (row < 0 || row >= p->input_height) {
        memset(buffer, p->input_zero_point, (size_t)p->buffer_width);
        return;
    }
    const int32_t step = p->channels;
    const int32_t inside = p->buffer_width - p->pad_left;
    const int8_t *from = x + row * p->input_width * step;
    int8_t *to = buffer + p->pad_left;
    const int8_t *const end = to + (inside < p->input_width ? inside : p->input_width);
    for (; end - to >= 4; to += 4) {
        to[0] = from[0];
        to[1] = from[step];
        from += 2 * step;
        to[2] = from[0];
        to[3] = from[step];
        from += 2 * step;
    }
    for (; to < end; from += step) {
        *to++ = *from;
    }
}

static inline void simref_add_tap(struct simref_outputs *s, const int8_t *x, int32_t w, int32_t stride) {
    s->y0 += w * x[0];
    s->y1 += w * x[stride];
    s->y2 += w * x[2 * stride];
    s->y3 += w * x[3 * stride];
}

static inline void simref_add_three_taps(struct simref_outputs *s, const int8_t *x, const int8_t *w,
                                         int32_t stride) {
    simref_add_tap(s, x, w[0], stride);
    simref_add_tap(s, x + 1, w[1], stride);
    simref_add_tap(s, x + 2, w[2], stride);
}

/* The sums of the outputs whose windows start at x and every stride_width columns right of it. */
static inline struct simref_outputs simref_add_taps(const simref_params *p, const int8_t *x,
                                                    const struct simref_channel *c) {
    struct simref_outputs s = {0, 0, 0, 0};
    const int8_t *w = c->w;
    const int32_t pitch = p->dilation_height * p->buffer_width;
    for (int32_t k = 0; k < p->kernel_height; k++, x += pitch) {
        const int8_t *tap = x;
        for (int32_t l = 0; l < p->kernel_width; l++, tap += p->dilation_width) {
            simref_add_tap(&s, tap, *w++, p->stride_width);
        }
    }
    return s;
}

/* The same with three taps side by side, stride 1 or 2: neighbouring windows share what they load. */
static inline struct simref_outputs simref_add_rows_of_three(const simref_params *p, const int8_t *x,
                                                             const struct simref_channel *c, int32_t stride) {
    struct simref_outputs s = {0, 0, 0, 0};
    const int8_t *w = c->w;
    const int8_t *const end = w + 3 * p->kernel_height;
    const int32_t pitch = p->dilation_height * p->buffer_width;
    for (; w != end; w += 3, x += pitch) {
        simref_add_three_taps(&s, x, w, stride);
    }
    return s;
}

static inline struct simref_outputs simref_outputs_at(const simref_params *p, const int8_t *x,
                                                      const struct simref_channel *c) {
    const int three = p->kernel_width == 3 && p->dilation_width == 1;
    if (three && p->stride_width == 1) {
        return simref_add_rows_of_three(p, x, c, 1);
    }
    if (three && p->stride_width == 2) {
        return simref_add_rows_of_three(p, x, c, 2);
    }
    return simref_add_taps(p, x, c);
}

static inline int8_t simref_output(const struct simref_channel *c, int32_t sum) {
    const int32_t y = simref_scale((int32_t)((uint32_t)sum + c->bias), c->multiplier, c->shift);
    return simref_saturate_s8(y + c->output_zero_point);
}

/* One output row of one channel, from the buffer row that its first tap sees. */
static void simref_convolve_row(const simref_params *p, const int8_t *x, const struct simref_channel *c,
                                int8_t *y) {
    const struct simref_channel channel = *c;
    const int32_t step = p->channels * p->depth_multiplier;
    const int32_t next = SIMREF_OUTPUTS * p->stride_width;
    int32_t left = p->output_width;
    for (; left >= SIMREF_OUTPUTS; left -= SIMREF_OUTPUTS) {
        const struct simref_outputs s = simref_outputs_at(p, x, &channel);
        y[0] = simref_output(&channel, s.y0);
        y[step] = simref_output(&channel, s.y1);
        y += 2 * step;
        y[0] = simref_output(&channel, s.y2);
        y[step] = simref_output(&channel, s.y3);
        y += 2 * step;
        x += next;
    }
    if (left > 0) {
        const struct simref_outputs s = simref_outputs_at(p, x, &channel);
        const int32_t sums[SIMREF_OUTPUTS] = {s.y0, s.y1, s.y2, s.y3};
        for (int32_t k = 0; k < left; k++, y += step) {
            *y = simref_output(&channel, sums[k]);
        }
    }
}

/* The output channels of one input channel, `rows` rows of each. */
static void simref_convolve_band(const simref_params *p, const int8_t *buffer, int32_t rows, int32_t channel,
                                 const int8_t *w, const int32_t *b, int8_t *y) {
    const int32_t taps = p->kernel_height * p->kernel_width;
    const int32_t width = p->output_width * p->channels * p->depth_multiplier;
    for (int32_t k = 0; k < p->depth_multiplier; k++, channel++) {
        const int32_t scale = channel * p->per_channel;
        const struct simref_channel c = {w + channel * taps, (uint32_t)b[channel], p->multiplier[scale],
                                         p->shift[scale], p->output_zero_point};
        for (int32_t row = 0; row < rows; row++) {
            simref_convolve_row(p, buffer + row * p->stride_height * p->buffer_width, &c,
                                y + row * width + channel);
        }
    }
}

/* One input channel of one image: fill the buffer, compute a band of rows, slide what the next band needs
 * again. */
static void simref_convolve_channel(const simref_params *p, const int8_t *x, int32_t channel, const int8_t *w,
                                    const int32_t *b, int8_t *y, int8_t *buffer) {
    const int32_t window = (p->kernel_height - 1) * p->dilation_height + 1;
    const int32_t kept = window > p->stride_height ? window - p->stride_height : 0;
    const int32_t width = p->output_width * p->channels * p->depth_multiplier;
    int32_t row = -p->pad_top;
    int32_t filled = 0;
    for (int32_t done = 0; done < p->output_height; done += p->band) {
        const int32_t rest = p->output_height - done;
        const int32_t rows = rest < p->band ? rest : p->band;
        const int32_t needed = (rows - 1) * p->stride_height + window;
        for (; filled < needed; filled++) {
            simref_gather_row(p, x + channel, row + filled, buffer + filled * p->buffer_width);
        }
        simref_convolve_band(p, buffer, rows, channel * p->depth_multiplier, w, b, y + done * width);
        row += rows * p->stride_height;
        for (filled = 0; filled < kept;
             filled++) { /* row by row: needed > kept, so no row overlaps its copy */
            const int8_t *from = buffer + (needed - kept + filled) * p->buffer_width;
            memcpy(buffer + filled * p->buffer_width, from, (size_t)p->buffer_width);
        }
    }
}

void simref_depthwise_conv_2d_s8(const struct simref_depthwise_conv_2d_s8_params *p, const int8_t *x,
                                 const int8_t *w, const int32_t *b, int8_t *y, void *scratch) {
    const int32_t outputs = p->output_height * p->output_width * p->channels * p->depth_multiplier;
    memset(scratch, p->input_zero_point, (size_t)p->buffer_size);
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t channel = 0; channel < p->channels; channel++) {
            simref_convolve_channel(p, x, channel, w, b, y, scratch);
        }
        x += p->input_height * p->input_width * p->channels;
        simref_narrow(y, outputs, p->low, p->high);
        y += outputs;
    }
}
