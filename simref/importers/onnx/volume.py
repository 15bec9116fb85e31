"""Pooling of volumes (N, C, D, H, W): of their planes first, then of what that leaves along the depth.

The windows are products of ranges, and so is what of them lies inside: the largest of the largest elements, the mean of
the means and the norm of the norms are those of the whole window.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.reader import Node
from simref.importers.onnx.value import Value

# Attributes of one number for each spatial dimension.
_PER_DIMENSION = ("kernel_shape", "strides", "dilations")


def with_volumes(convert: Converter) -> Converter:
    """The converter of a pooling node, of volumes too."""

    def whole(ctx: Context, node: Node) -> Sequence[Value]:
        x = ctx.operand(node, 0)
        return [_pooled(ctx, node, x, convert)] if x.rank == 5 else convert(ctx, node)

    whole.__doc__ = convert.__doc__
    return whole


def _pooled(ctx: Context, node: Node, x: Value, convert: Converter) -> Value:
    samples, channels, depth = x.shape[:3]
    slices = ctx.reshape(node, ctx.transpose(node, x, (0, 2, 1, 3, 4)), (samples * depth, channels, *x.shape[3:]))
    planes = _along(ctx, node, slices, convert, (1, 2), "/planes")
    height, width = planes.shape[2:]
    stacks = ctx.reshape(node, planes, (samples, depth, channels, height, width))
    columns = ctx.transpose(node, stacks, (0, 2, 3, 4, 1))
    rows = ctx.reshape(node, columns, (samples, math.prod(columns.shape[1:4]), depth))
    pooled = _along(ctx, node, rows, convert, (0,), "")
    back = ctx.reshape(node, pooled, (samples, channels, height, width, pooled.shape[2]))
    return ctx.transpose(node, back, (0, 1, 4, 2, 3))


def _along(ctx: Context, node: Node, x: Value, convert: Converter, axes: tuple[int, ...], suffix: str) -> Value:
    """The node over some of the spatial dimensions."""
    attributes = dict(node.attributes)
    for name in _PER_DIMENSION:
        if name in attributes:
            sizes = node.integers(name, 3, 1)
            attributes[name] = tuple(sizes[axis] for axis in axes)
    if "pads" in attributes:
        pads = node.integers("pads", 6, 0)
        attributes["pads"] = tuple(pads[side + axis] for side in (0, 3) for axis in axes)
    name = ctx.unique(f"{node.name}/operand")
    ctx.values[name] = x
    part = dataclasses.replace(node, name=node.name + suffix, inputs=(name,), attributes=attributes)
    (pooled,) = convert(ctx, part)
    return pooled
