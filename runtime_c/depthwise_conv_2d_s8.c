#include "depthwise_conv_2d_s8.h"

#include <string.h>

#include "requantize.h"

typedef struct simref_depthwise_conv_2d_s8_params simref_params;

/* Not inlined: each loop needs the registers for itself. */
#define SIMREF_ALONE __attribute__((noinline))

/* Neighbouring outputs summed up at a time, and how many sums are kept before they are rounded. */
enum { SIMREF_OUTPUTS = 4, SIMREF_SUMS = 16 };

struct simref_outputs {
    int32_t y0, y1, y2, y3;
};

/* An output channel's weights, its bias, which is added modulo 2^32, and how the sum is rounded. step: from
 * one output pixel to the next. */
struct simref_channel {
    const int8_t *w;
    uint32_t bias;
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
    int32_t step;
};

/* Row `row` of one channel of an image into a buffer row whose columns outside the image hold the zero point.
 */
static void simref_gather_channel_row(const simref_params *p, const int8_t *x, int32_t row, int8_t *buffer) {
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

static inline void simref_put_outputs(const struct simref_outputs *s, int32_t *sums) {
    sums[0] = s->y0;
    sums[1] = s->y1;
    sums[2] = s->y2;
    sums[3] = s->y3;
}

/* `count` neighbouring outputs, the first of the window at x. The last four may reach beyond the row. */
typedef void simref_sum_row(const simref_params *p, const int8_t *x, const int8_t *w, int32_t count,
                            int32_t *sums);

static void SIMREF_ALONE simref_sum_any(const simref_params *p, const int8_t *x, const int8_t *w,
                                        int32_t count, int32_t *sums) {
    const int32_t next = p->dilation_height * p->buffer_width - p->kernel_width * p->dilation_width;
    for (; count > 0; count -= SIMREF_OUTPUTS, sums += SIMREF_OUTPUTS) {
        struct simref_outputs s = {0, 0, 0, 0};
        const int8_t *tap = x;
        const int8_t *weight = w;
        for (int32_t k = 0; k < p->kernel_height; k++, tap += next) {
            for (int32_t l = 0; l < p->kernel_width; l++, tap += p->dilation_width) {
                simref_add_tap(&s, tap, *weight++, p->stride_width);
            }
        }
        simref_put_outputs(&s, sums);
        x += SIMREF_OUTPUTS * p->stride_width;
    }
}

/* A last output alone: a window of three taps side by side. */
static int32_t SIMREF_ALONE simref_sum_last_three(const simref_params *p, const int8_t *x, const int8_t *w) {
    const int32_t pitch = p->dilation_height * p->buffer_width;
    int32_t sum = 0;
    for (const int8_t *end = w + 3 * p->kernel_height; w != end; w += 3, x += pitch) {
        sum += w[0] * x[0] + w[1] * x[1] + w[2] * x[2];
    }
    return sum;
}

/* Windows of three taps side by side. With a constant stride neighbours share what they load. */
static void SIMREF_ALONE simref_sum_three_stride_1(const simref_params *p, const int8_t *x, const int8_t *w,
                                                   int32_t count, int32_t *sums) {
    const int32_t pitch = p->dilation_height * p->buffer_width;
    const int8_t *const end = w + 3 * p->kernel_height;
    for (; count > 1; count -= SIMREF_OUTPUTS, sums += SIMREF_OUTPUTS, x += SIMREF_OUTPUTS) {
        struct simref_outputs s = {0, 0, 0, 0};
        const int8_t *tap = x;
        for (const int8_t *weight = w; weight != end; weight += 3, tap += pitch) {
            simref_add_tap(&s, tap, weight[0], 1);
            simref_add_tap(&s, tap + 1, weight[1], 1);
            simref_add_tap(&s, tap + 2, weight[2], 1);
        }
        simref_put_outputs(&s, sums);
    }
    if (count == 1) {
        *sums = simref_sum_last_three(p, x, w);
    }
}

static void SIMREF_ALONE simref_sum_three_stride_2(const simref_params *p, const int8_t *x, const int8_t *w,
                                                   int32_t count, int32_t *sums) {
    const int32_t pitch = p->dilation_height * p->buffer_width;
    const int8_t *const end = w + 3 * p->kernel_height;
    for (; count > 1; count -= SIMREF_OUTPUTS, sums += SIMREF_OUTPUTS, x += 2 * SIMREF_OUTPUTS) {
        struct simref_outputs s = {0, 0, 0, 0};
        const int8_t *tap = x;
        for (const int8_t *weight = w; weight != end; weight += 3, tap += pitch) {
            simref_add_tap(&s, tap, weight[0], 2);
            simref_add_tap(&s, tap + 1, weight[1], 2);
            simref_add_tap(&s, tap + 2, weight[2], 2);
        }
        simref_put_outputs(&s, sums);
    }
    if (count == 1) {
        *sums = simref_sum_last_three(p, x, w);
    }
}

static simref_sum_row *simref_choose_sum(const simref_params *p) {
    if (p->kernel_width != 3 || p->dilation_width != 1 || p->stride_width > 2) {
        return simref_sum_any;
    }
    return p->stride_width == 1 ? simref_sum_three_stride_1 : simref_sum_three_stride_2;
}

static void SIMREF_ALONE simref_requantize_channel(const struct simref_channel *c, const int32_t *sums,
                                                   int32_t count, int8_t *y) {
    const struct simref_channel channel = *c;
    for (const int32_t *end = sums + count; sums != end; y += channel.step) {
        const int32_t sum = (int32_t)((uint32_t)*sums++ + channel.bias);
        *y = simref_saturate_s8(simref_scale(sum, channel.multiplier, channel.shift) +
                                channel.output_zero_point);
    }
}

/* One output row of one channel, from the buffer row that its first tap sees. */
static void simref_convolve_channel_row(const simref_params *p, const int8_t *x,
                                        const struct simref_channel *c, int8_t *y) {
    int32_t sums[SIMREF_SUMS];
    simref_sum_row *const sum_row = simref_choose_sum(p);
    for (int32_t left = p->output_width; left > 0; left -= SIMREF_SUMS) {
        const int32_t count = left < SIMREF_SUMS ? left : SIMREF_SUMS;
        sum_row(p, x, c->w, count, sums);
        simref_requantize_channel(c, sums, count, y);
        x += SIMREF_SUMS * p->stride_width;
        y += SIMREF_SUMS * c->step;
    }
}

/* The output channels of one input channel, `rows` rows of each. */
static void simref_convolve_band(const simref_params *p, const int8_t *buffer, int32_t rows, int32_t channel,
                                 const int8_t *w, const int32_t *b, int8_t *y) {
    const int32_t taps = p->kernel_height * p->kernel_width;
    const int32_t width = p->output_width * p->channels * p->depth_multiplier;
    for (int32_t k = 0; k < p->depth_multiplier; k++, channel++) {
        const int32_t scale = channel * p->per_channel;
        const struct simref_channel c = {w + channel * taps,   (uint32_t)b[channel],
                                         p->multiplier[scale], p->shift[scale],
                                         p->output_zero_point, p->channels * p->depth_multiplier};
        for (int32_t row = 0; row < rows; row++) {
            simref_convolve_channel_row(p, buffer + row * p->stride_height * p->buffer_width, &c,
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
            simref_gather_channel_row(p, x + channel, row + filled, buffer + filled * p->buffer_width);
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
