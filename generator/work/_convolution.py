"""Convolutions and dense layers: windows gathered by memcpy, then rows of dot products in blocks of channels."""

from __future__ import annotations

import numpy as np

from generator.work._counts import Bools, Counts, Int64, Params, copies, fills, integer, integers, merged, narrowing

_BLOCK = 8  # SIMREF_BLOCK of runtime_c/dot_s8.h


def dense(params: Params, kind: str, rows: int) -> Counts:
    """Rows of runtime_c/dense_s8.h; kind: how many at a time, a prefix of the counts' names.

    A block has 8 channels; the last, narrower one is four channels at a time, then one.
    """
    depth, channels = integer(params, "dense.depth"), integer(params, "dense.channels")
    blocks, left = divmod(channels, _BLOCK)
    by_size = {"eight": blocks, "four": left // 4, "one": left % 4}
    found: Counts = {f"{kind}_row": rows, f"{kind}_narrow_block": rows * (left > 0)}
    for name, number in by_size.items():
        found[f"{kind}_{name}"] = rows * number
        found[f"{kind}_{name}_depth"] = rows * number * depth
    return found


def fully_connected(params: Params) -> Counts:
    """runtime_c/fully_connected_s8.c: row by row."""
    rows = integer(params, "rows")
    channels = integer(params, "dense.channels")
    return merged(dense(params, "single", rows), narrowing(params, channels, rows, "dense."))


def conv_2d_1x1(params: Params) -> Counts:
    """runtime_c/conv_2d_1x1_s8.c: two pixels at a time."""
    return _pixels(params, integer(params, "pixels"), 1)


def _pixels(params: Params, columns: int, rows: int) -> Counts:
    pairs, single = divmod(columns, 2)
    # Channels that are not shifted right are rounded another way.
    left_shifted = int((integers(params, "dense.shift") >= 0).sum())
    return merged(
        dense(params, "pair", rows * pairs),
        dense(params, "single", rows * single),
        {"left_shift": rows * columns * left_shifted},
        narrowing(params, integer(params, "dense.channels"), rows * columns, "dense."),
    )


def conv_2d(params: Params) -> Counts:
    """runtime_c/conv_2d_s8.c: two windows of each row gathered at a time, then multiplied."""
    batches, height = integer(params, "batches"), integer(params, "output_height")
    columns = integer(params, "output_width")
    windows = _gathered(params)
    gathered = {name: batches * count for name, count in windows.items()}
    return merged({"row": batches * height}, _pixels(params, columns, batches * height), gathered)


def _gathered(params: Params) -> Counts:
    """`simref_gather` of all windows of one image."""
    taps, depth = integer(params, "kernel_width"), integer(params, "depth")
    width, kernel = taps * depth, integer(params, "kernel_height")
    rows = _starts(params, "height", "pad_top")[:, np.newaxis] + _offsets(params, "height")
    in_image = (rows >= 0) & (rows < integer(params, "input_height"))
    lefts = _starts(params, "width", "pad_left")
    reach = (taps - 1) * integer(params, "dilation_width")
    inside = (lefts >= 0) & (lefts + reach < integer(params, "input_width"))
    # Windows lie one behind the other in the scratch memory, those of odd columns second.
    odd = np.arange(len(lefts)) % 2
    target = (odd * kernel * width)[:, np.newaxis] + np.arange(kernel) * width
    outside = fills(width, np.broadcast_to(target, (len(rows), *target.shape))[_by_column(~in_image, len(lefts))])
    return merged(
        {"window_row": in_image.size * len(lefts)},
        outside,
        _inner(params, rows, in_image, lefts[inside], target[inside]),
        _edges(params, rows, in_image, lefts[~inside], target[~inside]),
    )


def _starts(params: Params, side: str, pad: str) -> Int64:
    steps = np.arange(integer(params, f"output_{side}"), dtype=np.int64)
    return steps * integer(params, f"stride_{side}") - integer(params, pad)


def _offsets(params: Params, side: str) -> Int64:
    return np.arange(integer(params, f"kernel_{side}"), dtype=np.int64) * integer(params, f"dilation_{side}")


def _by_column(rows: Bools, columns: int) -> Bools:
    """A mask (rows, kernel rows) as one (rows, columns, kernel rows)."""
    shape = (rows.shape[0], columns, rows.shape[1])
    return np.broadcast_to(rows[:, np.newaxis, :], shape)


def _sources(params: Params, rows: Int64, columns: Int64) -> Int64:
    """Addresses of the windows' rows (rows, columns, kernel rows), relative to the input."""
    channels = integer(params, "input_channels")
    pixels = rows[:, np.newaxis, :] * integer(params, "input_width") + columns[np.newaxis, :, np.newaxis]
    return np.asarray(integer(params, "first_input") + pixels * channels)


def _inner(params: Params, rows: Int64, in_image: Bools, lefts: Int64, target: Int64) -> Counts:
    """Windows that lie inside from left to right: whole rows at once, or pixel by pixel."""
    taps, depth, channels = (integer(params, name) for name in ("kernel_width", "depth", "input_channels"))
    step = integer(params, "dilation_width")
    if not lefts.size:
        return {}
    source = _sources(params, rows, lefts)
    mask = _by_column(in_image, len(lefts))
    targets = np.broadcast_to(target, source.shape)[mask]
    source = source[mask]
    if step == 1 and depth == channels:
        return merged({"inner_row": source.size}, copies(taps * depth, targets, source))
    tap = np.arange(taps, dtype=np.int64)[:, np.newaxis]
    copied = copies(depth, targets + tap * depth, source + tap * step * channels)
    return merged({"inner_pixels": source.size, "inner_pixel": taps * source.size}, copied)


def _edges(params: Params, rows: Int64, in_image: Bools, lefts: Int64, target: Int64) -> Counts:
    """Windows that leave the image at the left or right: pixel by pixel, copied or filled."""
    depth, step = integer(params, "depth"), integer(params, "dilation_width")
    found: list[Counts] = []
    for tap in range(integer(params, "kernel_width")):
        columns = lefts + tap * step
        visible = (columns >= 0) & (columns < integer(params, "input_width"))
        for shown in (True, False):
            chosen = visible == shown
            source = _sources(params, rows, columns[chosen])
            mask = _by_column(in_image, source.shape[1])
            targets = np.broadcast_to(target[chosen] + tap * depth, source.shape)[mask]
            part = copies(depth, targets, source[mask]) if shown else fills(depth, targets)
            found.append(merged({"edge_pixel": targets.size}, part))
    return merged({"edge_row": int(in_image.sum()) * len(lefts)}, *found)
