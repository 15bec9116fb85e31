/* Sums of float32 products channel by channel: each sees one value of a tap. */
#ifndef SIMREF_DEPTHWISE_F32_H
#define SIMREF_DEPTHWISE_F32_H

#include "dot_f32.h"

/* Of four channels, each sees its own of four neighbouring values. Runs have the length 1. */
extern const struct simref_tiles_f32 simref_depthwise_four_f32;

/* For the next block, of the channels left; multiplier: output channels per input channel. Channels that
 * share an input channel are computed one by one. */
static inline const struct simref_tiles_f32 *simref_depthwise_tiles_f32(int32_t channels,
                                                                        int32_t multiplier) {
    return multiplier > 1 || channels < SIMREF_BLOCK_F32 ? &simref_dot_one_f32 : &simref_depthwise_four_f32;
}

#endif
