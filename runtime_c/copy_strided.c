#include "copy_strided.h"

#include <string.h>

#define SIMREF_INNERMOST (SIMREF_COPY_STRIDED_RANK - 1)

/* Elements are moved as bits, whatever their C type. */
typedef uint16_t __attribute__((may_alias)) simref_bits16;
typedef uint32_t __attribute__((may_alias)) simref_bits32;
typedef struct __attribute__((may_alias)) {
    uint32_t words[4];
} simref_bits128;

static void simref_copy_row_1(const uint8_t *x, int32_t x_step, uint8_t *y, int32_t y_step, int32_t count) {
    do {
        *y = *x;
        x += x_step;
        y += y_step;
    } while (--count != 0);
}

static void simref_copy_row_2(const uint8_t *x, int32_t x_step, uint8_t *y, int32_t y_step, int32_t count) {
    do {
        *(simref_bits16 *)(void *)y = *(const simref_bits16 *)(const void *)x;
        x += x_step;
        y += y_step;
    } while (--count != 0);
}

static void simref_copy_row_4(const uint8_t *x, int32_t x_step, uint8_t *y, int32_t y_step, int32_t count) {
    do {
        *(simref_bits32 *)(void *)y = *(const simref_bits32 *)(const void *)x;
        x += x_step;
        y += y_step;
    } while (--count != 0);
}

static void simref_copy_row_16(const uint8_t *x, int32_t x_step, uint8_t *y, int32_t y_step, int32_t count) {
    do {
        *(simref_bits128 *)(void *)y = *(const simref_bits128 *)(const void *)x;
        x += x_step;
        y += y_step;
    } while (--count != 0);
}

static void simref_copy_row(const struct simref_copy_strided_params *p, const uint8_t *x, uint8_t *y) {
    const int32_t x_step = p->x_step[SIMREF_INNERMOST];
    const int32_t y_step = p->y_step[SIMREF_INNERMOST];
    int32_t count = p->count[SIMREF_INNERMOST];
    switch (p->element) {
    case 1:
        simref_copy_row_1(x, x_step, y, y_step, count);
        break;
    case 2:
        simref_copy_row_2(x, x_step, y, y_step, count);
        break;
    case 4:
        simref_copy_row_4(x, x_step, y, y_step, count);
        break;
    case 16:
        simref_copy_row_16(x, x_step, y, y_step, count);
        break;
    default:
        for (; count > 0; count--, x += x_step, y += y_step) {
            memcpy(y, x, (size_t)p->element);
        }
        break;
    }
}

void simref_copy_strided(const struct simref_copy_strided_params *p, const void *x, void *y) {
    const uint8_t *from = (const uint8_t *)x + p->x_offset;
    uint8_t *to = (uint8_t *)y + p->y_offset;
    int32_t index[SIMREF_INNERMOST] = {0};
    for (;;) {
        simref_copy_row(p, from, to);
        int32_t loop = SIMREF_INNERMOST - 1;
        while (loop >= 0 && ++index[loop] == p->count[loop]) {
            index[loop--] = 0;
        }
        if (loop < 0) {
            return;
        }
        from += p->x_step[loop];
        to += p->y_step[loop];
    }
}
