"""Nodes that move elements: shapes, slices, joins, pads."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Shape
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.layout import Order, channels_last, permuted, plain
from simref.importers.onnx.reader import Node
from simref.importers.onnx.reduction import stored
from simref.importers.onnx.value import Value, constant
from simref.ops._blocks import Attributes as Blocks
from simref.ops._pad import Attributes as Pad
from simref.ops.broadcast_to import Attributes as BroadcastTo
from simref.ops.concatenation import Attributes as Concatenation
from simref.ops.gather import Attributes as Gather
from simref.ops.gather_elements import Attributes as GatherElements
from simref.ops.gather_nd import Attributes as GatherND
from simref.ops.mirror_pad import Attributes as MirrorPad
from simref.ops.slice import Attributes as Slice
from simref.ops.split import Attributes as Split
from simref.ops.strided_slice import Attributes as StridedSlice
from simref.ops.tile import Attributes as Tile


def transpose(ctx: Context, node: Node) -> Sequence[Value]:
    """No layer: the order of the dimensions is noted, and made where somebody asks for another."""
    x = ctx.operand(node, 0)
    permutation = node.get("perm", tuple(reversed(range(x.rank))))
    if sorted(permutation) != list(range(x.rank)):
        raise ModelError(f"{node}: its perm is {permutation}, must permute {x.rank} dimensions")
    return [ctx.transpose(node, x, permutation)]


def reshape(ctx: Context, node: Node) -> Sequence[Value]:
    """RESHAPE to a constant shape: 0 keeps a dimension, unless allowzero; -1 is what is left."""
    x = ctx.operand(node, 0)
    wanted = ctx.integers(node, "shape", 1)
    if wanted is None:
        raise ModelError(f"{node}: it has no shape")
    if not node.get("allowzero", False):
        if any(n == 0 and k >= x.rank for k, n in enumerate(wanted)):
            raise ModelError(f"{node}: its shape {wanted} keeps a dimension that {x.shape} has not")
        wanted = tuple(x.shape[k] if n == 0 else n for k, n in enumerate(wanted))
    known, elements = math.prod(n for n in wanted if n != -1), math.prod(x.shape)
    if wanted.count(-1) > 1 or min(wanted, default=1) < -1 or known == 0 or elements % known:
        raise ModelError(f"{node}: its shape {wanted} cannot hold the {elements} elements of {x.shape}")
    shape = tuple(elements // known if n == -1 else n for n in wanted)
    return [_view(ctx, node, x, shape)]


def _view(ctx: Context, node: Node, x: Value, shape: Shape) -> Value:
    if math.prod(shape) != math.prod(x.shape):
        raise ModelError(f"{node}: its shape {shape} cannot hold the elements of {x.shape}")
    return ctx.reshape(node, x, shape)


def flatten(ctx: Context, node: Node) -> Sequence[Value]:
    """RESHAPE to two dimensions: those before the axis, and the others."""
    x, axis = ctx.operand(node, 0), node.get("axis", 1)
    if not -x.rank <= axis <= x.rank:
        raise ModelError(f"{node}: its axis is {axis}, must be in -{x.rank} to {x.rank}")
    axis += x.rank if axis < 0 else 0
    return [ctx.reshape(node, x, (math.prod(x.shape[:axis]), math.prod(x.shape[axis:])))]


def squeeze(ctx: Context, node: Node) -> Sequence[Value]:
    """RESHAPE without the axes, or without all dimensions of size 1."""
    x = ctx.operand(node, 0)
    axes = ctx.axes(node, x, 1)
    dropped = tuple(k for k, n in enumerate(x.shape) if n == 1) if axes is None else axes
    if any(x.shape[axis] != 1 for axis in dropped):
        raise ModelError(f"{node}: its axes {dropped} of the shape {x.shape} must have size 1")
    return [ctx.reshape(node, x, tuple(n for k, n in enumerate(x.shape) if k not in dropped))]


def unsqueeze(ctx: Context, node: Node) -> Sequence[Value]:
    """RESHAPE with dimensions of size 1 at the axes of the result."""
    x = ctx.operand(node, 0)
    found = ctx.integers(node, "axes", 1) or ()
    rank = x.rank + len(found)
    axes = [axis % rank for axis in found if -rank <= axis < rank]
    if len(set(axes)) != len(found):
        raise ModelError(f"{node}: its axes are {found}, must be different ones of {rank} dimensions")
    sizes = iter(x.shape)
    return [ctx.reshape(node, x, tuple(1 if k in axes else next(sizes) for k in range(rank)))]


def concat(ctx: Context, node: Node) -> Sequence[Value]:
    """CONCATENATION in the order that most elements of the operands are stored in."""
    values = ctx.operands(node)
    first = values[0]
    axis = first.axis(node, node.get("axis", 0))
    if any((v.shape[:axis], v.shape[axis + 1 :]) != (first.shape[:axis], first.shape[axis + 1 :]) for v in values):
        raise ModelError(f"{node}: its operands have the shapes {[v.shape for v in values]}, which do not join")
    if len(values) == 1:
        return values
    sizes: dict[Order, int] = {}
    for value in values:
        if value.data is None:
            own = ctx.order(value)
            sizes[own] = sizes.get(own, 0) + math.prod(value.shape)
    order = max(sizes, key=lambda o: sizes[o], default=plain(first.rank))
    tensors = [ctx.arranged(node, value, order) for value in values]
    return [ctx.computed(node, ctx.layer(node, "CONCATENATION", tensors, Concatenation(order.index(axis))), order)]


def split(ctx: Context, node: Node) -> Sequence[Value]:
    """SPLIT into equal parts, a SLICE for each of unequal ones."""
    x = ctx.operand(node, 0)
    axis = x.axis(node, node.get("axis", 0))
    sizes = ctx.integers(node, "split", 1)
    parts, whole = len(node.outputs), x.shape[axis]
    if sizes is None:
        largest = -(-whole // parts)
        sizes = (*(largest,) * (parts - 1), whole - largest * (parts - 1))
    if len(sizes) != parts or min(sizes) < 1 or sum(sizes) != whole:
        raise ModelError(f"{node}: it splits {whole} elements into {sizes} for {parts} outputs")
    if parts == 1:
        return [x]
    tensor, order = stored(ctx, node, x)
    if len(set(sizes)) == 1:
        made = ctx.layers(node, "SPLIT", [tensor], Split(order.index(axis), parts), outputs=parts)
        return [ctx.computed(node, index, order) for index in made]
    starts = np.cumsum((0, *sizes))[:-1].tolist()
    return [
        _box(ctx, node, x, {axis: (start, size, 1)}, suffix=f"/{k}" if k else "")
        for k, (start, size) in enumerate(zip(starts, sizes, strict=True))
    ]


def _box(ctx: Context, node: Node, x: Value, ranges: dict[int, tuple[int, int, int]], suffix: str = "") -> Value:
    """Elements (begin, count, step) along some axes of the model, all along the others."""
    tensor, order = stored(ctx, node, x)
    whole = [ranges.get(axis, (0, x.shape[axis], 1)) for axis in order]
    begin, count, step = (tuple(part) for part in zip(*whole, strict=True))
    if count == ctx.builder.shape(tensor) and set(step) == {1}:
        return ctx.computed(node, tensor, order)
    if min(count) < 1:
        raise UnsupportedError(f"{node}: it takes no elements, must take some")
    if set(step) == {1}:
        made = ctx.layer(node, "SLICE", [tensor], Slice(begin, count), suffix=suffix)
    else:
        made = ctx.layer(node, "STRIDED_SLICE", [tensor], StridedSlice(begin, count, step, count), suffix=suffix)
    return ctx.computed(node, made, order)


def slice_(ctx: Context, node: Node) -> Sequence[Value]:
    """SLICE, or STRIDED_SLICE where a step is not 1."""
    x = ctx.operand(node, 0)
    starts, ends = ctx.integers(node, "starts", 1), ctx.integers(node, "ends", 2)
    axes, steps = ctx.integers(node, "axes", 3), ctx.integers(node, "steps", 4)
    if starts is None or ends is None:
        raise ModelError(f"{node}: it has no starts or no ends")
    axes = tuple(range(len(starts))) if axes is None else axes
    steps = (1,) * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise ModelError(f"{node}: starts {starts}, ends {ends}, axes {axes} and steps {steps} do not go together")
    ranges = {}
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        place = x.axis(node, axis)
        taken = range(*slice(start, end, step).indices(x.shape[place]))
        ranges[place] = (taken.start if taken else 0, len(taken), step if len(taken) > 1 else 1)
    return [_box(ctx, node, x, ranges)]


def gather(ctx: Context, node: Node) -> Sequence[Value]:
    """GATHER; a single constant index, and constant ones in a row, are a slice."""
    x, indices = ctx.operand(node, 0), ctx.operand(node, 1)
    axis = x.axis(node, node.get("axis", 0))
    if indices.data is not None:
        size = x.shape[axis]
        if np.any((indices.data < -size) | (indices.data >= size)):
            raise ModelError(f"{node}: its indices lie outside -{size} to {size - 1}")
        flat = indices.data.reshape(-1) % size
        if flat.size and np.array_equal(flat, np.arange(flat[0], flat[0] + flat.size)) and x.data is None:
            taken = _box(ctx, node, x, {axis: (int(flat[0]), flat.size, 1)})
            return [ctx.reshape(node, taken, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))]
        indices = constant(indices.name, (indices.data % size).astype(np.int32))
    tensor, order = stored(ctx, node, x)
    attributes = Gather(axis=order.index(axis))
    made = ctx.layer(node, "GATHER", [tensor, ctx.plain(node, indices)], attributes)
    more = indices.rank - 1
    places = [[k] if k < axis else [k + more] if k > axis else [*range(axis, axis + more + 1)] for k in order]
    return [ctx.computed(node, made, tuple(k for place in places for k in place))]


def gather_elements(ctx: Context, node: Node) -> Sequence[Value]:
    """GATHER_ELEMENTS."""
    x, indices = ctx.operand(node, 0), ctx.operand(node, 1)
    attributes = GatherElements(axis=x.axis(node, node.get("axis", 0)))
    made = ctx.layer(node, "GATHER_ELEMENTS", [ctx.plain(node, x), ctx.plain(node, indices)], attributes)
    return [ctx.computed(node, made, plain(indices.rank))]


def gather_nd(ctx: Context, node: Node) -> Sequence[Value]:
    """GATHER_ND."""
    x, indices = ctx.operand(node, 0), ctx.operand(node, 1)
    attributes = GatherND(batch_dims=node.get("batch_dims", 0))
    made = ctx.layer(node, "GATHER_ND", [ctx.plain(node, x), ctx.plain(node, indices)], attributes)
    return [ctx.computed(node, made, plain(len(ctx.builder.shape(made))))]


def pad(ctx: Context, node: Node) -> Sequence[Value]:
    """PAD or MIRROR_PAD; negative pads are a slice first."""
    x, mode = ctx.operand(node, 0), node.get("mode", "constant")
    pads = ctx.integers(node, "pads", 1)
    axes = ctx.axes(node, x, 3) if node.has(3) else plain(x.rank)
    if pads is None or axes is None or len(pads) != 2 * len(axes):
        raise ModelError(f"{node}: its pads {pads} must be two for each of the axes {axes}")
    if mode not in ("constant", "reflect", "edge", "wrap"):
        raise UnsupportedError(f"{node}: its mode is {mode}, must be constant, reflect, edge or wrap")
    sides = [(0, 0)] * x.rank
    for axis, low, high in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        sides[axis] = (low, high)
    if min(pads, default=0) < 0:
        ranges = {
            k: (max(-low, 0), n + min(low, 0) + min(high, 0), 1)
            for k, (n, (low, high)) in enumerate(zip(x.shape, sides, strict=True))
        }
        x = _box(ctx, node, x, ranges, suffix="/crop")
        sides = [(max(low, 0), max(high, 0)) for low, high in sides]
    if not any(map(any, sides)):
        return [x]
    tensor, order = stored(ctx, node, x)
    borders = tuple(sides[axis] for axis in order)
    if mode == "constant":
        constant_border = Pad(pads=borders, value=_border(ctx, node, x))
        return [ctx.computed(node, ctx.layer(node, "PAD", [tensor], constant_border), order)]
    return [ctx.computed(node, ctx.layer(node, "MIRROR_PAD", [tensor], MirrorPad(pads=borders, mode=mode)), order)]


def _border(ctx: Context, node: Node, x: Value) -> int | float | bool:
    """The value of a constant border: an attribute before opset 11, then an input."""
    if node.opset < 11:
        value: float = node.get("value", 0.0)
        return value if x.dtype.kind == "f" else int(value)
    data = ctx.constant(node, 2, "constant_value")
    if data is None or data.size == 0:
        return 0.0 if x.dtype.kind == "f" else 0
    if data.size != 1:
        raise ModelError(f"{node}: its constant_value has {data.size} elements, must have one")
    found: int | float | bool = data.reshape(-1)[0].item()
    return found


def expand(ctx: Context, node: Node) -> Sequence[Value]:
    """BROADCAST_TO; the shape may have fewer dimensions, and 1 where the input is larger."""
    x, wanted = ctx.operand(node, 0), ctx.integers(node, "shape", 1)
    try:
        shape = np.broadcast_shapes(x.shape, wanted or ())
    except ValueError as error:
        raise ModelError(f"{node}: it expands {x.shape} to {wanted}, which does not broadcast") from error
    if shape == x.shape:
        return [x]
    x = ctx.reshape(node, x, (*(1,) * (len(shape) - x.rank), *x.shape))
    tensor, order = stored(ctx, node, x)
    attributes = BroadcastTo(shape=permuted(shape, order))
    return [ctx.computed(node, ctx.layer(node, "BROADCAST_TO", [tensor], attributes), order)]


def tile(ctx: Context, node: Node) -> Sequence[Value]:
    """TILE."""
    x, repeats = ctx.operand(node, 0), ctx.integers(node, "repeats", 1)
    if repeats is None or len(repeats) != x.rank:
        raise ModelError(f"{node}: its repeats are {repeats}, must be one for each of {x.rank} dimensions")
    if set(repeats) <= {1}:
        return [x]
    tensor, order = stored(ctx, node, x)
    attributes = Tile(multiples=permuted(repeats, order))
    return [ctx.computed(node, ctx.layer(node, "TILE", [tensor], attributes), order)]


def depth_to_space(ctx: Context, node: Node) -> Sequence[Value]:
    """DEPTH_TO_SPACE over images."""
    return _in_blocks(ctx, node, "DEPTH_TO_SPACE")


def space_to_depth(ctx: Context, node: Node) -> Sequence[Value]:
    """SPACE_TO_DEPTH over images."""
    return _in_blocks(ctx, node, "SPACE_TO_DEPTH")


def _in_blocks(ctx: Context, node: Node, op: str) -> Sequence[Value]:
    x = _image(ctx, node)
    attributes = Blocks(node.get("blocksize", 0), node.get("mode", "DCR"))
    made = ctx.layer(node, op, [ctx.arranged(node, x, channels_last(4))], attributes)
    return [ctx.computed(node, made, channels_last(4))]


def _image(ctx: Context, node: Node) -> Value:
    x = ctx.operand(node, 0)
    if x.rank != 4:
        raise ModelError(f"{node}: its input has {x.rank} dimensions, must have 4")
    return x


CONVERTERS: dict[str, Converter] = {
    "Concat": concat,
    "DepthToSpace": depth_to_space,
    "Expand": expand,
    "Flatten": flatten,
    "Gather": gather,
    "GatherElements": gather_elements,
    "GatherND": gather_nd,
    "Pad": pad,
    "Reshape": reshape,
    "Slice": slice_,
    "SpaceToDepth": space_to_depth,
    "Split": split,
    "Squeeze": squeeze,
    "Tile": tile,
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
}
