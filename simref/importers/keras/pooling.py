"""Keras' pooling over sequences and images, windowed and global, and changes of size without weights."""

from __future__ import annotations

from functools import partial

from simref.importers.keras.activations import plain
from simref.importers.keras.call import LayerCall, Translator
from simref.importers.keras.spatial import channels_first, on_images, pads_of, pair, spatial_rank
from simref.ops._window import Pair


def _pooling(call: LayerCall, op: str) -> int:
    """{op}."""
    kernel = pair(call, "pool_size", 2)
    stride = kernel if call.config.get("strides") is None else pair(call, "strides")
    if spatial_rank(call) == 1:
        kernel, stride = (1, kernel[1]), (1, stride[1])

    def apply(x: int) -> int:
        _, height, width, _ = call.shape(x)
        pads = pads_of(call, (height, width), kernel, stride)
        return call.emit(op, x, kernel=kernel, stride=stride, pads=pads, **plain())

    return on_images(call, call.x, apply)


def _global_pooling(call: LayerCall, op: str) -> int:
    """{op}."""
    rank = spatial_rank(call)
    call.rank(call.x, rank + 2)
    axes = tuple(range(2, rank + 2)) if channels_first(call) else tuple(range(1, rank + 1))
    return call.emit(op, call.x, axes=axes, keep_dims=call.config.flag("keepdims"))


def _upsampling(call: LayerCall) -> int:
    """RESIZE_NEAREST_NEIGHBOR or RESIZE_BILINEAR."""
    factors: Pair = pair(call, "size", 2)
    down, across = (1, factors[1]) if spatial_rank(call) == 1 else factors
    bilinear = call.config.choice("interpolation", ("nearest", "bilinear"), "nearest") == "bilinear"

    def apply(x: int) -> int:
        _, height, width, _ = call.shape(x)
        return _resized(call, x, (height * down, width * across), bilinear=bilinear, centred=bilinear)

    return on_images(call, call.x, apply)


def _resized(call: LayerCall, x: int, size: Pair, *, bilinear: bool, centred: bool) -> int:
    """Images of another size. centred: the centre of pixel i is at i + 1/2, as TensorFlow resizes images."""
    op = "RESIZE_BILINEAR" if bilinear else "RESIZE_NEAREST_NEIGHBOR"
    return call.emit(op, x, size=size, align_corners=False, half_pixel_centers=centred)


def _resizing(call: LayerCall) -> int:
    """RESIZE_NEAREST_NEIGHBOR or RESIZE_BILINEAR; no cropping, no padding, no antialias."""
    size = (call.config.integer("height"), call.config.integer("width"))
    bilinear = call.config.choice("interpolation", ("nearest", "bilinear"), "bilinear") == "bilinear"
    for flag in ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"):
        if call.config.flag(flag):
            call.refuse(f"{flag} is true, must be false")
    return on_images(call, call.x, lambda x: _resized(call, x, size, bilinear=bilinear, centred=True))


TRANSLATORS: dict[str, Translator] = {
    **{f"MaxPooling{rank}": partial(_pooling, op="MAX_POOL_2D") for rank in ("1D", "2D")},
    **{f"AveragePooling{rank}": partial(_pooling, op="AVERAGE_POOL_2D") for rank in ("1D", "2D")},
    **{f"GlobalMaxPooling{rank}": partial(_global_pooling, op="REDUCE_MAX") for rank in ("1D", "2D")},
    **{f"GlobalAveragePooling{rank}": partial(_global_pooling, op="MEAN") for rank in ("1D", "2D")},
    "UpSampling1D": _upsampling,
    "UpSampling2D": _upsampling,
    "Resizing": _resizing,
}
