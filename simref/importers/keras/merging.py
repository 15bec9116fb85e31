"""Keras' layers of several inputs: sums, products, extremes, concatenations and inner products."""

from __future__ import annotations

from functools import partial
from typing import Any

from simref.importers.keras.activations import plain
from simref.importers.keras.call import LayerCall, Translator


def _merge(call: LayerCall, op: str, most: int | None = None) -> int:
    """{op}, one layer for each input after the first."""
    return folded(call, op, _aligned(call, most), "")


def _aligned(call: LayerCall, most: int | None) -> list[int]:
    """The inputs with as many dimensions each: the missing ones stand behind the batch."""
    inputs = list(call.inputs)
    if not 2 <= len(inputs) <= (most or len(inputs)):
        call.config.damaged(
            f"it is called with {len(inputs)} tensors, must be called with 2{'' if most else ' or more'}"
        )
    rank = max(len(call.shape(x)) for x in inputs)
    aligned = []
    for number, x in enumerate(inputs):
        batch, *rest = call.shape(x)
        aligned.append(call.reshape(x, (batch, *(1,) * (rank - 1 - len(rest)), *rest), f"aligned_{number}"))
    return aligned


def folded(call: LayerCall, op: str, inputs: list[int], step: str) -> int:
    """The operator over two inputs, then over the result and the next one; the last is named `step`."""
    fields: dict[str, Any] = {} if op in ("MAXIMUM", "MINIMUM") else plain()
    y = inputs[0]
    for number, x in enumerate(inputs[1:], 1):
        last = number == len(inputs) - 1
        y = call.emit(op, y, x, step=step if last else f"{op.lower()}_{number}", **fields)
    return y


def _average(call: LayerCall) -> int:
    """ADD for each input after the first, then MUL."""
    total = folded(call, "ADD", _aligned(call, None), "sum")
    return call.emit("MUL", total, call.scalar("share", 1 / len(call.inputs)), **plain())


def _concatenate(call: LayerCall) -> int:
    """CONCATENATION behind the batch."""
    if len(call.inputs) == 1:
        return call.x
    axes = call.config.axes("axis", len(call.shape(call.inputs[0])))
    if len(axes) != 1 or axes[0] == 0:
        call.refuse(f"axis is {axes}, must be one dimension behind the batch")
    return call.emit("CONCATENATION", *call.inputs, axis=axes[0])


def _dot(call: LayerCall) -> int:
    """MUL and SUM of vectors, BATCH_MATMUL of matrices."""
    if len(call.inputs) != 2:
        call.config.damaged(f"it is called with {len(call.inputs)} tensors, must be called with 2")
    a, b = call.inputs
    rank = call.rank(a, 2, 3)
    call.rank(b, rank)
    if call.config.flag("normalize"):
        call.refuse("normalize is true, must be false. Put UnitNormalization before it.")
    stored = call.config.get("axes")
    listed = stored if isinstance(stored, list) else [stored, stored]
    axes = [call.config.with_field("axes", axis).axes("axes", rank) for axis in listed]
    if len(axes) != 2 or any(len(axis) != 1 or axis[0] == 0 for axis in axes):
        call.refuse(f"axes are {stored}, must be one dimension of each input behind the batch")
    if rank == 2:
        product = call.emit("MUL", a, b, step="product", **plain())
        return call.emit("SUM", product, axes=(1,), keep_dims=True)
    return call.emit("BATCH_MATMUL", a, b, adj_x=axes[0] == (1,), adj_y=axes[1] == (2,))


TRANSLATORS: dict[str, Translator] = {
    "Add": partial(_merge, op="ADD"),
    "Subtract": partial(_merge, op="SUB", most=2),
    "Multiply": partial(_merge, op="MUL"),
    "Maximum": partial(_merge, op="MAXIMUM"),
    "Minimum": partial(_merge, op="MINIMUM"),
    "Average": _average,
    "Concatenate": _concatenate,
    "Dot": _dot,
}
