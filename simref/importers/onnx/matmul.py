"""Products of matrices: Gemm, MatMul, and those of Einsum that are one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simref.errors import ModelError, UnsupportedError
from simref.graph import Quantization
from simref.importers.onnx.arithmetic import PLAIN, combine, scalar
from simref.importers.onnx.context import Context, Converter
from simref.importers.onnx.layers import attributes_of
from simref.importers.onnx.layout import Order, plain, reshape_groups, with_last
from simref.importers.onnx.reader import Node
from simref.importers.onnx.reduction import reduced
from simref.importers.onnx.value import Value, constant
from simref.ops._activation import Activation
from simref.ops.fully_connected import Attributes as Dense
from simref.ops.reshape import Attributes as Reshape


def gemm(ctx: Context, node: Node) -> Sequence[Value]:
    """FULLY_CONNECTED or BATCH_MATMUL: alpha * A @ B + beta * C."""
    a, b = (ctx.operand(node, position) for position in (0, 1))
    c = ctx.optional(node, 2)
    if a.rank != 2 or b.rank != 2:
        raise ModelError(f"{node}: its operands have {a.rank} and {b.rank} dimensions, must have 2")
    a = ctx.transpose(node, a, (1, 0)) if node.get("transA", False) else a
    b = ctx.transpose(node, b, (1, 0)) if node.get("transB", False) else b
    alpha, beta = node.get("alpha", 1.0), node.get("beta", 1.0)
    rows = None if c is None or b.data is None else _row(c, b.shape[1], beta)
    suffix = "" if c is None or rows is not None else "/product"
    product = _product(ctx, node, a, _scaled(ctx, node, b, alpha), rows, suffix)
    if c is None or rows is not None:
        return [product]
    return [combine(ctx, node, "ADD", [product, _scaled(ctx, node, c, beta)], PLAIN)]


def _row(c: Value, outputs: int, beta: float) -> Value | None:
    """beta * C as a bias, where it is a constant that is the same for all rows."""
    if c.data is None or c.data.size not in (1, outputs) or c.shape[-1:] not in ((), (1,), (outputs,)):
        return None
    if c.rank == 2 and c.shape[0] != 1:
        return None
    data = np.broadcast_to(c.data.reshape(-1), (outputs,)) * c.dtype.type(beta)
    kept = beta == 1 and c.data.size == outputs
    return constant(c.name, data + np.zeros((), c.dtype), _along(c.quantization, 0) if kept else None)


def _along(quantization: Quantization | None, axis: int) -> Quantization | None:
    if quantization is None or quantization.axis is None:
        return quantization
    return Quantization(quantization.scale, quantization.zero_point, axis)


def _scaled(ctx: Context, node: Node, value: Value, factor: float) -> Value:
    if factor == 1:
        return value
    if value.data is not None:
        return constant(value.name, value.data * value.dtype.type(factor))
    return combine(ctx, node, "MUL", [value, scalar(value, factor, "factor")], PLAIN, suffix="/scaled")


def matmul(ctx: Context, node: Node) -> Sequence[Value]:
    """FULLY_CONNECTED or BATCH_MATMUL; vectors get a dimension of size 1, which then goes."""
    a, b = (ctx.operand(node, position) for position in (0, 1))
    if 0 in (a.rank, b.rank):
        raise ModelError(f"{node}: an operand is a scalar, must have dimensions")
    rows = ctx.reshape(node, a, (1, *a.shape)) if a.rank == 1 else a
    columns = ctx.reshape(node, b, (*b.shape, 1)) if b.rank == 1 else b
    product = _product(ctx, node, rows, columns)
    shape = product.shape
    if b.rank == 1:
        shape = shape[:-1]
    if a.rank == 1:
        shape = (*shape[: product.rank - 2], *shape[product.rank - 1 :])
    return [product if shape == product.shape else ctx.reshape(node, product, shape)]


def _product(ctx: Context, node: Node, a: Value, b: Value, bias: Value | None = None, suffix: str = "") -> Value:
    """a @ b + bias, by the cheapest layer."""
    if a.shape[-1] != b.shape[-2]:
        raise ModelError(f"{node}: its operands have the shapes {a.shape} and {b.shape}, which do not multiply")
    if b.data is not None and b.rank == 2 and a.data is None:
        return _dense(ctx, node, a, b, bias, suffix)
    if a.data is not None and a.rank == 2 and b.data is None and bias is None:
        # (a @ b) transposed is b transposed @ a transposed.
        swapped = (*range(b.rank - 2), b.rank - 1, b.rank - 2)
        product = _dense(ctx, node, ctx.transpose(node, b, swapped), ctx.transpose(node, a, (1, 0)), None, suffix)
        return ctx.transpose(node, product, swapped)
    product = _batched(ctx, node, a, b, suffix if bias is None else suffix + "/product")
    return product if bias is None else combine(ctx, node, "ADD", [product, bias], PLAIN, suffix=suffix)


def _dense(ctx: Context, node: Node, x: Value, weights: Value, bias: Value | None, suffix: str) -> Value:
    """FULLY_CONNECTED. Where x is still to be flattened, the weights' rows are put in the order it is stored in."""
    tensor, order, places = _last_dimension(ctx, node, x)
    rows = ctx.transpose(node, weights, (1, 0))
    if places is not None and rows.data is not None:
        rows = constant(rows.name, rows.data[:, places], rows.quantization)
    operands = [tensor, ctx.plain(node, rows), None if bias is None else ctx.plain(node, bias)]
    attributes = Dense(x.rank != 2, Activation.NONE)
    return ctx.computed(node, ctx.layer(node, "FULLY_CONNECTED", operands, attributes, suffix=suffix), order)


def _last_dimension(ctx: Context, node: Node, x: Value) -> tuple[int, Order, np.ndarray | None]:
    """A tensor with the last dimension of x stored last, its order, and where its elements belong if permuted."""
    base = ctx.base(x)
    if base != x.shape:
        mixed, place = reshape_groups(base, x.shape)[-1]
        lead = [axis for axis in x.order if axis not in mixed]
        inner = [axis for axis in x.order if axis in mixed]
        whole = place == [x.rank - 1] and math.prod(x.shape[:-1]) == math.prod(base[axis] for axis in lead)
        if whole and [*x.order] == [*lead, *inner] and lead == sorted(lead):
            sizes = [base[axis] for axis in mixed]
            places = np.arange(math.prod(sizes)).reshape(sizes).transpose([mixed.index(axis) for axis in inner])
            flat = ctx.layer(node, "RESHAPE", [x.tensor], Reshape(x.shape), suffix="/flatten")
            return flat, plain(x.rank), places.reshape(-1)
    order = with_last(ctx.order(x), [x.rank - 1])
    return ctx.arranged(node, x, order), order, None


def _batched(ctx: Context, node: Node, a: Value, b: Value, suffix: str) -> Value:
    """BATCH_MATMUL: batch dimensions as the model has them, the matrices either way round."""
    attributes = {}
    tensors = []
    for value, flag in ((a, "adj_x"), (b, "adj_y")):
        order = ctx.order(value)
        rows, columns = value.rank - 2, value.rank - 1
        attributes[flag] = order.index(rows) > order.index(columns)
        matrix = (columns, rows) if attributes[flag] else (rows, columns)
        tensors.append(ctx.arranged(node, value, (*range(rows), *matrix)))
    made = ctx.layer(node, "BATCH_MATMUL", tensors, attributes_of("BATCH_MATMUL", **attributes), suffix=suffix)
    return ctx.computed(node, made, plain(len(ctx.builder.shape(made))))


def einsum(ctx: Context, node: Node) -> Sequence[Value]:
    """BATCH_MATMUL of two operands: dimensions of both are batches if the result has them, else they are summed."""
    equation = node.get("equation", "").replace(" ", "")
    terms, _, result = equation.partition("->")
    left, _, right = terms.partition(",")
    values = ctx.operands(node)
    letters = left + right + result
    if "->" not in equation or not letters.isalpha() or len(values) != 2 or "," in right:
        raise UnsupportedError(f'{node}: its equation is "{equation}", must be a product of two operands')
    a, b = (
        _summed(ctx, node, v, t, other + result)
        for v, t, other in zip(values, (left, right), (right, left), strict=True)
    )
    return [_contraction(ctx, node, a, b, result)]


Labelled = tuple[Value, str]


def _summed(ctx: Context, node: Node, value: Value, term: str, used: str) -> Labelled:
    """The operand without the dimensions that nothing else names."""
    if len(set(term)) != len(term) or len(term) != value.rank:
        raise UnsupportedError(f'{node}: its term "{term}" names a dimension twice, or not as many as {value.shape}')
    lone = [axis for axis, letter in enumerate(term) if letter not in used]
    if not lone:
        return value, term
    kept = "".join(letter for letter in term if letter in used)
    return reduced(ctx, node, "SUM", value, lone, False, suffix=f"/sum_{term}"), kept


def _contraction(ctx: Context, node: Node, a: Labelled, b: Labelled, result: str) -> Value:
    (x, left), (y, right) = a, b
    sizes = dict(zip(left, x.shape, strict=True)) | dict(zip(right, y.shape, strict=True))
    if any(sizes[k] != n for k, n in zip(left, x.shape, strict=True)):
        raise ModelError(f'{node}: its operands have the shapes {x.shape} "{left}" and {y.shape} "{right}"')
    if len(set(result)) != len(result) or not set(result) <= set(sizes):
        raise UnsupportedError(f'{node}: its result "{result}" must name dimensions of the operands, each once')
    batch = [k for k in left if k in right and k in result]
    inner = [k for k in left if k in right and k not in result]
    rows, columns = [k for k in left if k not in right], [k for k in right if k not in left]

    def matrix(value: Value, term: str, first: list[str], second: list[str]) -> Value:
        moved = ctx.transpose(node, value, tuple(term.index(k) for k in (*batch, *first, *second)))
        shape = [math.prod(sizes[k] for k in group) for group in (first, second)]
        return ctx.reshape(node, moved, (*(sizes[k] for k in batch), *shape))

    product = _product(ctx, node, matrix(x, left, rows, inner), matrix(y, right, inner, columns))
    found = [*batch, *rows, *columns]
    shaped = ctx.reshape(node, product, tuple(sizes[k] for k in found))
    return ctx.transpose(node, shaped, tuple(found.index(k) for k in result))


CONVERTERS: dict[str, Converter] = {"Einsum": einsum, "Gemm": gemm, "MatMul": matmul}
