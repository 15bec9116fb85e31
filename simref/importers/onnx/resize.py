"""Resize, and Upsample, which it replaced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Shape
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.layout import Order, plain
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value
from simref.ops._resize import Attributes
from simref.ops.reshape import Attributes as Reshape
from simref.ops.resize_cubic import Attributes as Cubic

OPERATORS = {"nearest": "RESIZE_NEAREST_NEIGHBOR", "linear": "RESIZE_BILINEAR", "cubic": "RESIZE_CUBIC"}
COORDINATES = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric")
NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


@dataclass(frozen=True)
class _Target:
    """The output's shape, and output size per input size of each dimension where it is not the sizes' ratio."""

    shape: Shape
    scales: tuple[float, ...] | None


def resize(ctx: Context, node: Node) -> Sequence[Value]:
    """RESIZE_NEAREST_NEIGHBOR, RESIZE_BILINEAR or RESIZE_CUBIC of one or two dimensions; the others stay."""
    x = ctx.operand(node, 0)
    mode = node.get("mode", "nearest")
    if mode not in OPERATORS:
        raise UnsupportedError(f"{node}: its mode is {mode}, must be nearest, linear or cubic")
    target = _target(ctx, node, x)
    axes = [k for k in range(x.rank) if target.shape[k] != x.shape[k]]
    if not axes and (target.scales is None or all(scale == 1 for scale in target.scales)):
        return [x]
    axes = axes or [x.rank - 1]
    if len(axes) > 2:
        raise UnsupportedError(f"{node}: it resizes {len(axes)} dimensions, must resize 1 or 2")
    if node.get("antialias", False) and any(target.shape[k] < x.shape[k] for k in axes):
        raise UnsupportedError(f"{node}: it shrinks with antialias, must shrink without")
    return [_resized(ctx, node, x, axes, target, OPERATORS[mode])]


def _resized(ctx: Context, node: Node, x: Value, axes: list[int], target: _Target, op: str) -> Value:
    """The value seen as images (before, height, width, behind) around the axes, resized."""
    order = _side_by_side(ctx.order(x), axes)
    tensor = ctx.arranged(node, x, order)
    stored, first = ctx.builder.shape(tensor), order.index(axes[0])
    behind = first + len(axes)
    size = [target.shape[k] for k in axes]
    image = (math.prod(stored[:first]), *(1,) * (2 - len(axes)), *stored[first:behind], math.prod(stored[behind:]))
    if image != stored:
        tensor = ctx.layer(node, "RESHAPE", [tensor], Reshape(image), suffix="/image")
    scales = None if target.scales is None else [target.scales[k] for k in axes]
    made = ctx.layer(node, op, [tensor], _attributes(node, size, scales))
    shape = (*stored[:first], *size, *stored[behind:])
    if ctx.builder.shape(made) != shape:
        made = ctx.layer(node, "RESHAPE", [made], Reshape(shape), suffix="/back")
    return ctx.computed(node, made, order)


def _side_by_side(order: Order, axes: list[int]) -> Order:
    """The order itself where the axes follow each other in it, else one where they do behind the first dimension."""
    first = order.index(axes[0])
    if list(order[first : first + len(axes)]) == axes:
        return order
    others = [k for k in order if k not in axes]
    return (*others[:1], *axes, *others[1:])


def _attributes(node: Node, size: list[int], scales: list[float] | None) -> Attributes:
    fields: dict[str, Any]
    old = node.op == "Upsample" or node.opset < 11
    coordinates = "asymmetric" if old else node.get("coordinate_transformation_mode", "half_pixel")
    if coordinates == "half_pixel_symmetric" and scales is None:
        coordinates = "half_pixel"
    if coordinates == "half_pixel_symmetric" and node.get("mode", "nearest") == "nearest":
        raise UnsupportedError(
            f"{node}: it picks pixels at half_pixel_symmetric places with scales, must be half_pixel"
        )
    if coordinates not in COORDINATES:
        raise UnsupportedError(f"{node}: its coordinates are {coordinates}, must be {' or '.join(COORDINATES)}")
    if coordinates == "align_corners" and scales is not None:
        raise UnsupportedError(
            f"{node}: it aligns corners with scales {scales} that make no whole sizes, must be sizes"
        )
    nearest = "floor" if old else node.get("nearest_mode", "round_prefer_floor")
    if nearest not in NEAREST:
        raise ModelError(f"{node}: its nearest_mode is {nearest}, must be {' or '.join(NEAREST)}")
    missing = 2 - len(size)
    factors = None if scales is None else (*(1.0,) * missing, *scales)
    height, width = (*(1,) * missing, *size)
    pair = None if factors is None else (factors[0], factors[1])
    fields = {"size": (height, width), "coordinates": coordinates, "nearest": nearest, "scales": pair}
    if node.get("mode", "nearest") != "cubic":
        return Attributes(**fields)
    outside = node.get("exclude_outside", False)
    return Cubic(**fields, coefficient=node.get("cubic_coeff_a", -0.75), exclude_outside=outside)


def _target(ctx: Context, node: Node, x: Value) -> _Target:
    if node.op == "Upsample" and "scales" in node.attributes:
        return _scaled(node, x, node.get("scales", [1.0]))
    if node.op == "Upsample" or node.opset < 11:
        return _scaled(node, x, _floats(ctx, node, 1))
    if node.has(3) and (sizes := ctx.integers(node, "sizes", 3)):
        return _sized(node, x, sizes)
    return _scaled(node, x, _floats(ctx, node, 2))


def _floats(ctx: Context, node: Node, position: int) -> list[float]:
    data = ctx.constant(node, position, "scales")
    if data is None or data.dtype != np.float32 or data.ndim != 1:
        raise ModelError(f"{node}: it has neither sizes nor float32 scales")
    return [float(scale) for scale in data]


def _axes(node: Node, x: Value, count: int) -> list[int]:
    axes = [x.axis(node, axis) for axis in node.get("axes", plain(x.rank))]
    if len(set(axes)) != count or len(axes) != count:
        raise ModelError(f"{node}: it has {count} scales or sizes for the axes {axes}")
    return axes


def _scaled(node: Node, x: Value, scales: list[float]) -> _Target:
    if not all(0 < scale < 1 << 20 for scale in scales):
        raise ModelError(f"{node}: its scales are {scales}, must be positive")
    factors = [1.0] * x.rank
    for axis, scale in zip(_axes(node, x, len(scales)), scales, strict=True):
        factors[axis] = scale
    shape = tuple(math.floor(n * scale) for n, scale in zip(x.shape, factors, strict=True))
    if min(shape) < 1:
        raise ModelError(f"{node}: its output would have the shape {shape}")
    exact = all(n * scale == m for n, scale, m in zip(x.shape, factors, shape, strict=True))
    return _Target(shape, None if exact else tuple(factors))


def _sized(node: Node, x: Value, sizes: tuple[int, ...]) -> _Target:
    axes = _axes(node, x, len(sizes))
    if not all(0 < size < 1 << 20 for size in sizes):
        raise ModelError(f"{node}: its sizes are {sizes}, must be positive")
    policy = node.get("keep_aspect_ratio_policy", "stretch")
    shape = list(x.shape)
    if policy == "stretch":
        for axis, size in zip(axes, sizes, strict=True):
            shape[axis] = size
        return _Target(tuple(shape), None)
    if policy not in ("not_larger", "not_smaller"):
        raise ModelError(
            f"{node}: its keep_aspect_ratio_policy is {policy}, must be stretch, not_larger or not_smaller"
        )
    ratios = [size / x.shape[axis] for axis, size in zip(axes, sizes, strict=True)]
    scale = min(ratios) if policy == "not_larger" else max(ratios)
    factors = [1.0] * x.rank
    for axis in axes:
        factors[axis] = scale
        shape[axis] = math.floor(scale * x.shape[axis] + 0.5)
    return _Target(tuple(shape), tuple(factors))


CONVERTERS: dict[str, Converter] = {"Resize": resize, "Upsample": resize}
