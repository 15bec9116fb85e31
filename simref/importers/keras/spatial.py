"""Keras layers over one or two spatial dimensions, as NHWC images: a sequence is an image of one row."""

from __future__ import annotations

from collections.abc import Callable

from simref.importers.keras.call import LayerCall
from simref.ops._window import Pads, Pair, window_pads

FORMATS = ("channels_last", "channels_first")


def channels_first(call: LayerCall) -> bool:
    """True where the channels are the dimension behind the batch."""
    return call.config.choice("data_format", FORMATS, "channels_last") == "channels_first"


def spatial_rank(call: LayerCall) -> int:
    """1 or 2, by the digit of the class's name."""
    return 1 if "1D" in call.spec.kind else 2


def on_images(call: LayerCall, x: int, apply: Callable[[int], int]) -> int:
    """`apply` to the tensor as NHWC images, the result in the layer's own arrangement."""
    rank = spatial_rank(call)
    call.rank(x, rank + 2)
    first = channels_first(call)
    spatial = range(2, rank + 2)
    x = call.transpose(x, (0, *spatial, 1), "channels_last") if first else x
    batch, *size, channels = call.shape(x)
    y = apply(call.reshape(x, (batch, 1, *size, channels), "image") if rank == 1 else x)
    if rank == 1:
        batch, _, length, channels = call.shape(y)
        y = call.reshape(y, (batch, length, channels), "sequence")
    return call.transpose(y, (0, rank + 1, *range(1, rank + 1)), "channels_first") if first else y


def pair(call: LayerCall, name: str, default: int | None = None) -> Pair:
    """A setting for each spatial dimension as (down, across); a sequence has 1 down."""
    rank = spatial_rank(call)
    if call.config.get(name) is None and default is not None:
        return default, default
    values = call.config.integers(name, rank)
    return (1, values[0]) if rank == 1 else (values[0], values[1])


def pads_of(call: LayerCall, size: Pair, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pads:
    """(top, bottom, left, right) of `padding`: same, valid, or causal, which pads before a sequence only."""
    allowed = ("valid", "same", "causal") if spatial_rank(call) == 1 else ("valid", "same")
    padding = call.config.choice("padding", allowed, "valid")
    if padding == "causal":
        return (0, 0, (kernel[1] - 1) * dilation[1], 0)
    return window_pads(0 if padding == "same" else 1, size, kernel, stride, dilation)
