"""Depthwise convolution: channel planes gathered into a buffer, four outputs of a row at a time."""

from __future__ import annotations

import numpy as np

from generator.work._counts import Counts, Params, copies, fills, integer, integers, merged, narrowing, times

# SIMREF_OUTPUTS and SIMREF_SUMS of runtime_c/depthwise_conv_2d_s8.c.
_OUTPUTS, _SUMS = 4, 16


def depthwise_conv_2d(params: Params) -> Counts:
    """runtime_c/depthwise_conv_2d_s8.c."""
    batches, channels = integer(params, "batches"), integer(params, "channels")
    multiplier, height = integer(params, "depth_multiplier"), integer(params, "output_height")
    outputs = height * integer(params, "output_width") * channels * multiplier
    left_shifted = float((integers(params, "shift") >= 0).mean())
    return merged(
        fills(integer(params, "buffer_size"), np.zeros(1, np.int64)),
        {"left_shift": batches * outputs * left_shifted},
        narrowing(params, outputs, batches),
        times(batches * channels, _gathered(params)),
        times(batches * channels * multiplier * height, _row(params)),
    )


def _gathered(params: Params) -> Counts:
    """The bands of one channel: rows gathered, and rows kept for the next band."""
    height, band, stride = (integer(params, name) for name in ("output_height", "band", "stride_height"))
    width, input_height = integer(params, "buffer_width"), integer(params, "input_height")
    window = (integer(params, "kernel_height") - 1) * integer(params, "dilation_height") + 1
    kept, first, filled = max(window - stride, 0), -integer(params, "pad_top"), 0
    parts: list[Counts] = []
    for done in range(0, height, band):
        rows = min(band, height - done)
        needed = (rows - 1) * stride + window
        places = np.arange(filled, needed, dtype=np.int64)
        visible = (first + places >= 0) & (first + places < input_height)
        moved = np.arange(kept, dtype=np.int64)
        parts += [
            {"band": 1, "band_channel": integer(params, "depth_multiplier")},
            times(int(visible.sum()), _gathered_row(params)),
            fills(width, places[~visible] * width),
            copies(width, moved * width, (needed - kept + moved) * width),
        ]
        first, filled = first + rows * stride, kept
    return merged({"channel": 1}, *parts)


def _gathered_row(params: Params) -> Counts:
    inside = integer(params, "buffer_width") - integer(params, "pad_left")
    pixels = max(min(inside, integer(params, "input_width")), 0)
    return {"gather": 1, "gather_fours": pixels // 4, "gather_rest": pixels % 4}


def _row(params: Params) -> Counts:
    """One row of outputs of one channel, in chunks of `_SUMS`; a last output alone has its own way."""
    width, stride = integer(params, "output_width"), integer(params, "stride_width")
    kernel = (integer(params, "kernel_height"), integer(params, "kernel_width"))
    found: Counts = {"row": 1, "chunk": -(-width // _SUMS), "output": width}
    if kernel[1] != 3 or integer(params, "dilation_width") != 1 or stride > 2:
        groups = -(-width // _OUTPUTS)
        return found | {"taps": groups, "taps_rows": groups * kernel[0], "taps_all": groups * kernel[0] * kernel[1]}
    alone = int(width % _OUTPUTS == 1)
    groups = -(-width // _OUTPUTS) - alone
    threes = {f"threes_{stride}": groups, f"threes_{stride}_rows": groups * kernel[0]}
    return found | threes | {"alone": alone, "alone_rows": alone * kernel[0]}
