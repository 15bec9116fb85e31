"""Keras' normalizations, with stored statistics or those of the input, and fixed scales."""

from __future__ import annotations

import math

import numpy as np

from simref.graph import Array, Shape
from simref.importers.keras.activations import plain
from simref.importers.keras.call import LayerCall, Translator, optional_constant


def _batch_normalization(call: LayerCall) -> int:
    """BATCH_NORMALIZATION, scale and offset computed in float64 and rounded once."""
    axis, channels = _channel_axis(call)
    sizes: dict[str, Shape | None] = {
        "gamma": (channels,) if call.config.flag("scale", default=True) else None,
        "beta": (channels,) if call.config.flag("center", default=True) else None,
        "moving_mean": (channels,),
        "moving_variance": (channels,),
    }
    weights = {name: array.astype(np.float64) for name, array in call.variables(sizes).items()}
    variance = weights["moving_variance"] + call.config.number("epsilon", default=1e-3)
    if not (variance > 0).all():
        call.config.damaged('its weights "moving_variance" and epsilon must have a positive sum')
    scale = weights.get("gamma", np.ones(channels)) / np.sqrt(variance)
    offset = weights.get("beta", np.zeros(channels)) - weights["moving_mean"] * scale
    return _scaled(call, call.x, axis, scale, offset)


def _channel_axis(call: LayerCall) -> tuple[int, int]:
    """The dimension of the channels, and how many there are."""
    shape = call.shape(call.x)
    axes = call.config.axes("axis", len(shape))
    if len(axes) != 1 or axes[0] == 0:
        call.refuse(f"axis is {axes}, must be one dimension behind the batch")
    return axes[0], shape[axes[0]]


def _scaled(call: LayerCall, x: int, axis: int, scale: Array, offset: Array) -> int:
    """x * scale + offset along one dimension, which is moved to the end and back."""
    rank = len(call.shape(x))
    order = [d for d in range(rank) if d != axis] + [axis]
    names = {name: _float32(call, name, array) for name, array in (("scale", scale), ("offset", offset))}
    x = call.transpose(x, order, "channels_last")
    y = call.emit("BATCH_NORMALIZATION", x, names["scale"], names["offset"], **plain())
    return call.transpose(y, np.argsort(order).tolist(), "channels_back")


def _float32(call: LayerCall, name: str, array: Array) -> int:
    """The constant, rounded, without negative zeros."""
    with np.errstate(over="ignore"):
        rounded = array.astype(np.float32) + np.float32(0)
    if not np.isfinite(rounded).all():
        call.config.damaged(f"its {name} is not finite in float32")
    return call.constant(name, rounded)


def _layer_normalization(call: LayerCall) -> int:
    """LAYER_NORMALIZATION over the last dimensions."""
    x, shape = call.x, call.shape(call.x)
    axes = call.config.axes("axis", len(shape))
    if axes != tuple(range(axes[0], len(shape))):
        call.refuse(f"axis is {axes}, must be the last dimensions of {len(shape)}")
    if call.config.flag("rms_scaling"):
        call.refuse("rms_scaling is true, must be false. Use RMSNormalization.")
    size = shape[axes[0] :]
    weights = call.variables(
        {
            "gamma": size if call.config.flag("scale", default=True) else None,
            "beta": size if call.config.flag("center", default=True) else None,
        }
    )
    gamma, beta = (optional_constant(call, name, weights.get(name)) for name in ("gamma", "beta"))
    epsilon = call.config.number("epsilon", default=1e-3)
    return call.emit("LAYER_NORMALIZATION", x, gamma, beta, axis=axes[0], epsilon=epsilon)


def _rms_normalization(call: LayerCall) -> int:
    """MUL, MEAN and RSQRT over the last dimension: x * scale / sqrt(mean(x * x) + epsilon)."""
    x, shape = call.x, call.shape(call.x)
    if call.config.axes("axis", len(shape)) != (len(shape) - 1,):
        call.refuse("axis must be the last dimension")
    scale = call.constant("scale", call.variables({"scale": shape[-1:]})["scale"])
    squares = call.emit("SQUARE", x, step="square")
    mean = call.emit("MEAN", squares, step="mean", axes=(len(shape) - 1,), keep_dims=True)
    epsilon = call.scalar("epsilon", call.config.number("epsilon", default=1e-6))
    shifted = call.emit("ADD", mean, epsilon, step="epsilon", **plain())
    normal = call.emit("MUL", x, call.emit("RSQRT", shifted, step="rsqrt"), step="normal", **plain())
    return call.emit("MUL", normal, scale, **plain())


def _group_normalization(call: LayerCall) -> int:
    """LAYER_NORMALIZATION of each group of channels over all pixels, then BATCH_NORMALIZATION."""
    x, shape = call.x, call.shape(call.x)
    axis, channels = _channel_axis(call)
    groups = call.config.integer("groups", default=32, low=-1)
    groups = channels if groups == -1 else groups
    if axis != len(shape) - 1 or groups < 1 or channels % groups:
        call.refuse(f"axis is {axis} and groups {groups}, must be the last dimension and a divisor of {channels}")
    batch, pixels, share = shape[0], math.prod(shape[1:-1]), channels // groups
    grouped = call.reshape(x, (batch, pixels, groups, share), "groups")
    rows = call.reshape(call.transpose(grouped, (0, 2, 1, 3), "apart"), (batch, groups, pixels * share), "rows")
    epsilon = call.config.number("epsilon", default=1e-3)
    normal = call.emit("LAYER_NORMALIZATION", rows, None, None, step="normal", axis=2, epsilon=epsilon)
    back = call.transpose(call.reshape(normal, (batch, groups, pixels, share), "unrows"), (0, 2, 1, 3), "together")
    y = call.reshape(back, shape, "ungroup")
    weights = call.variables(
        {
            "gamma": (channels,) if call.config.flag("scale", default=True) else None,
            "beta": (channels,) if call.config.flag("center", default=True) else None,
        }
    )
    if not weights:
        return y
    scale, offset = weights.get("gamma", np.ones(channels)), weights.get("beta", np.zeros(channels))
    return _scaled(call, y, axis, scale, offset)


def _unit_normalization(call: LayerCall) -> int:
    """L2_NORMALIZATION over the last dimension."""
    rank = len(call.shape(call.x))
    if call.config.axes("axis", rank) != (rank - 1,):
        call.refuse("axis must be the last dimension")
    return call.emit("L2_NORMALIZATION", call.x, epsilon=1e-12)


def _rescaling(call: LayerCall) -> int:
    """MUL, then ADD where there is an offset; integers are cast to float32 first."""
    x = call.cast(call.x, "float32", "float")
    scale = _per_channel(call, "scale", 1.0)
    offset = _per_channel(call, "offset", 0.0)
    if not offset.any():
        return call.emit("MUL", x, _float32(call, "scale", scale), **plain())
    x = call.emit("MUL", x, _float32(call, "scale", scale), step="scale", **plain())
    return call.emit("ADD", x, _float32(call, "offset", offset), **plain())


def _per_channel(call: LayerCall, name: str, default: float) -> Array:
    """A number, or one for each channel, as float64."""
    stored = call.config.get(name)
    if not isinstance(stored, list):
        return np.array([call.config.number(name, default=default)])
    channels = call.shape(call.x)[-1]
    values = np.asarray(stored, np.float64)
    if values.shape not in ((channels,), (1,)) or not np.isfinite(values).all():
        call.config.damaged(f"{name} must be a finite number, or one for each of {channels} channels")
    return values


def _normalization(call: LayerCall) -> int:
    """SUB and MUL, or MUL and ADD where it inverts: (x - mean) / max(sqrt(variance), 1e-7)."""
    x = call.cast(call.x, "float32", "float")
    mean, variance = _statistics(call, call.shape(x))
    if (variance < 0).any():
        call.config.damaged('its weights "variance" must not be negative')
    deviation = np.maximum(np.sqrt(variance), 1e-7)
    if call.config.flag("invert"):
        y = call.emit("MUL", x, _float32(call, "scale", deviation), step="scale", **plain())
        return call.emit("ADD", y, _float32(call, "mean", mean), **plain())
    y = call.emit("SUB", x, _float32(call, "mean", mean), step="centred", **plain())
    return call.emit("MUL", y, _float32(call, "scale", 1 / deviation), **plain())


def _statistics(call: LayerCall, shape: Shape) -> tuple[Array, Array]:
    """Mean and variance as float64, shaped to broadcast: those of the settings, else the adapted ones."""
    stored = call.config.fields.get("axis", -1)
    axes = () if stored is None or stored == [] else call.config.axes("axis", len(shape))
    kept = tuple(shape[axis] for axis in axes)
    full = tuple(size if axis in axes else 1 for axis, size in enumerate(shape)) if axes else (1,)
    if call.config.get("mean") is not None:
        pair = [np.asarray(call.config.get(name), np.float64) for name in ("mean", "variance")]
        if any(array.size not in (1, math.prod(kept)) or not np.isfinite(array).all() for array in pair):
            call.config.damaged(f"mean and variance must be finite, of shape {kept}")
        return pair[0].reshape(full if pair[0].size > 1 else (1,)), pair[1].reshape(full if pair[1].size > 1 else (1,))
    weights = call.variables({"mean": kept, "variance": kept})
    return (weights["mean"].astype(np.float64).reshape(full), weights["variance"].astype(np.float64).reshape(full))


TRANSLATORS: dict[str, Translator] = {
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "RMSNormalization": _rms_normalization,
    "GroupNormalization": _group_normalization,
    "UnitNormalization": _unit_normalization,
    "Rescaling": _rescaling,
    "Normalization": _normalization,
}
