"""y[…, i, j] = sum over k of a[…, i, k] * b[…, k, j], the dimensions before the last two broadcast."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simref.float32 import multiply_add
from simref.graph import Array, Layer, Shape
from simref.ops._convolution_f32 import BLOCK, ROUNDING
from simref.ops._elementwise import loops, of_one_rank
from simref.ops._op import Form, KernelCall, Op, TFLiteBinding, Value, equation_of, never_in_place
from simref.ops._rules import Custom, Finite, InputDtype, NotEmpty, Operands, OutputDtype, OutputShape, Rank
from simref.ops._walk import advances, padded_counts

# SIMREF_BATCH_LOOPS of runtime_c/batch_matmul_f32.h.
_BATCH_LOOPS = 4
MAX_RANK = _BATCH_LOOPS + 2


@dataclass(frozen=True)
class Attributes:
    """adj_x, adj_y: the last two dimensions of a, or of b, are exchanged first."""

    adj_x: bool = False
    adj_y: bool = False


def attributes(options: Any, layer: Layer) -> Attributes:
    """The options table."""
    del layer
    return Attributes(bool(options.AdjX()), bool(options.AdjY()))


def _matrices(layer: Layer) -> tuple[Shape, Shape]:
    """(rows, depth) of a and (depth, columns) of b."""
    a, b = (layer.input(position).shape[-2:] for position in (0, 1))
    return (a[::-1] if layer.attributes.adj_x else a), (b[::-1] if layer.attributes.adj_y else b)


def _depth_violation(layer: Layer) -> str | None:
    a, b = _matrices(layer)
    return None if a[1] == b[0] else f"matrices are {a} and {b}, must have one depth"


def _break_depth(layer: Layer) -> Layer:
    a = layer.input(0)
    shape = (*a.shape[:-2], a.shape[-2] + 1, a.shape[-1] + 1)
    return layer.replace(inputs=(dataclasses.replace(a, shape=shape), layer.inputs[1]))


def _batch_violation(layer: Layer) -> str | None:
    a, b = (layer.input(position).shape[:-2] for position in (0, 1))
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return f"dimensions before the last two are {a} and {b}, must be equal or 1"
    return None


def _break_batch(layer: Layer) -> Layer:
    pair = (dataclasses.replace(t, shape=(n, *t.shape[-2:])) for n, t in zip((2, 3), layer.inputs, strict=True) if t)
    return layer.replace(inputs=tuple(pair))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """The broadcast dimensions, the rows of a and the columns of b."""
    (rows, _), (_, columns) = _matrices(layer)
    batch = np.broadcast_shapes(layer.input(0).shape[:-2], layer.input(1).shape[:-2])
    return ((*batch, rows, columns),)


def macc(layer: Layer) -> int:
    """Output elements times the depth."""
    return layer.output.elements * _matrices(layer)[0][1]


def _operands(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, Array]:
    """(samples, *batch, rows, depth) of a and (samples, *batch, depth, columns) of b, of one rank."""
    a, b = of_one_rank(layer, inputs)
    return a.swapaxes(-1, -2) if layer.attributes.adj_x else a, b.swapaxes(-1, -2) if layer.attributes.adj_y else b


def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The sums of _convolution_f32 over k, with a bias of +0.0: no result is -0.0."""
    a, b = _operands(layer, inputs)
    sums = np.zeros((max(map(len, inputs)), *layer.output.shape), np.float32)
    for k in range(a.shape[-1]):
        multiply_add(a[..., k : k + 1], b[..., k : k + 1, :], sums, layer.fused, out=sums)
    return (sums + np.float32(0),)


def numba(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """The same sums in compiled code, matrix by matrix."""
    from simref.ops._numba_sums import matrix_products

    batch = (max(map(len, inputs)), *layer.output.shape[:-2])
    a, b = (
        np.ascontiguousarray(np.broadcast_to(x, (*batch, *x.shape[-2:]))).reshape(-1, *x.shape[-2:])
        for x in _operands(layer, inputs)
    )
    sums: Array = matrix_products(a, b, layer.fused)
    return (sums.reshape(-1, *layer.output.shape) + np.float32(0),)


def kernels(layer: Layer) -> tuple[KernelCall, ...]:
    """One call, which walks over the pairs of matrices."""
    (rows, depth), (_, columns) = _matrices(layer)
    shapes = [layer.input(position).shape for position in (0, 1)]
    found = loops(*(shape[:-2] for shape in shapes))
    counts = [loop.count for loop in found]
    params: dict[str, Value] = {
        "rows": rows,
        "depth": depth,
        "columns": columns,
        "a_row": 1 if layer.attributes.adj_x else depth,
        "a_depth": rows if layer.attributes.adj_x else 1,
        "b_depth": 1 if layer.attributes.adj_y else columns,
        "b_column": depth if layer.attributes.adj_y else 1,
        "batch_count": padded_counts(counts, _BATCH_LOOPS),
    }
    for operand, size in enumerate((rows * depth, depth * columns)):
        steps = [loop.steps[operand] * size for loop in found]
        params[f"{'ab'[operand]}_advance"] = advances(counts, steps, _BATCH_LOOPS)
    return (KernelCall(kernel="batch_matmul_f32", params=params, operands=(0, 1), scratch=4 * BLOCK * depth),)


OP = Op(
    name="BATCH_MATMUL",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="BatchMatMulOptions", attributes=attributes),
    macc=macc,
    forms=(
        Form(
            rounding=ROUNDING,
            rules=(
                Operands(2),
                InputDtype("a", 0, ("float32",)),
                InputDtype("b", 1, ("float32",)),
                OutputDtype(("float32",)),
                Rank("a", 0, 2, MAX_RANK),
                Rank("b", 1, 2, MAX_RANK),
                NotEmpty(),
                Finite(),
                Custom("a has as many columns as b has rows", _depth_violation, _break_depth),
                Custom("the dimensions before the last two broadcast", _batch_violation, _break_batch),
                OutputShape(output_shapes),
            ),
            reference=reference,
            numba=numba,
            kernels=kernels,
            in_place=never_in_place,
        ),
    ),
)
