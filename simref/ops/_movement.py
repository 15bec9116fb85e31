"""Data movement: operators that copy elements unchanged, each stated once as copies between NumPy views.

The same list of moves gives the reference (NumPy carries them out) and the generated C (their offsets and strides
become the parameters of the strided-copy kernel).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from simref.graph import Array, Layer, Quantization
from simref.ops._op import Form, KernelCall, Reference
from simref.ops._rules import Custom, InputDtype, Rank, Rule, SameQuantization
from simref.ops._strided import MAX_RANK, address_of, is_identity, loops_needed, strided_params

MOVABLE = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool", "float32")


@dataclass(frozen=True, eq=False, slots=True)
class Move:
    """`destination[...] = source`: two views of equal shape, each with a leading sample axis.

    input, output: positions in the layer of the tensors that the views show.
    """

    input: int
    source: Array
    output: int
    destination: Array


Moves = Callable[[Layer, Sequence[Array], Sequence[Array]], Sequence[Move]]


def movement_reference(moves: Moves) -> Reference:
    """The NumPy reference of an operator whose moves write every element of its outputs."""

    def reference(layer: Layer, inputs: Sequence[Array]) -> tuple[Array, ...]:
        samples = max(x.shape[0] for x in inputs)
        outputs = tuple(np.empty((samples, *t.shape), t.dtype) for t in layer.outputs)
        for move in moves(layer, inputs, outputs):
            move.destination[...] = move.source
        return outputs

    return reference


def movement_kernels(moves: Moves) -> Callable[[Layer], tuple[KernelCall, ...]]:
    """The C calls of the moves: one strided copy each, none where the output is the input's bytes in order."""

    def kernels(layer: Layer) -> tuple[KernelCall, ...]:
        # Their addresses and strides are all that is read; untouched, they cost no memory.
        inputs = [np.empty((1, *layer.input(i).shape), layer.input(i).dtype) for i in range(len(layer.inputs))]
        outputs = [np.empty((1, *t.shape), t.dtype) for t in layer.outputs]
        made = moves(layer, inputs, outputs)
        if len(made) == 1 and is_identity(made[0].source, inputs[0].size, made[0].destination, outputs[0].size):
            return ()
        return tuple(_copy(layer, part, inputs, outputs) for move in made for part in _walkable(move))

    return kernels


def _walkable(move: Move) -> list[Move]:
    """The move as moves that the copy kernel's loops can walk: for each index of its shortest dimension, if need be."""
    if loops_needed(move.source, move.destination) <= MAX_RANK:
        return [move]
    shape = move.source.shape
    axis = min((k for k, size in enumerate(shape) if size > 1), key=shape.__getitem__)
    parts = zip(np.moveaxis(move.source, axis, 0), np.moveaxis(move.destination, axis, 0), strict=True)
    return [part for x, y in parts for part in _walkable(Move(move.input, x, move.output, y))]


def _copy(layer: Layer, move: Move, inputs: Sequence[Array], outputs: Sequence[Array]) -> KernelCall:
    x, y = inputs[move.input], outputs[move.output]
    # The planner aligns activations; a constant is aligned only as its C type asks.
    widest = min(x.itemsize, 4) if layer.input(move.input).is_constant else 4
    params = strided_params(move.source, address_of(x), move.destination, address_of(y), widest)
    return KernelCall(kernel="copy_strided", params=params, operands=(move.input,), output=move.output)


def view_in_place(moves: Moves) -> Callable[[Layer], tuple[int, ...]]:
    """Input 0 where the moves copy nothing, so that the output is a view of it; no input otherwise."""
    kernels = movement_kernels(moves)

    def in_place(layer: Layer) -> tuple[int, ...]:
        return () if kernels(layer) else (0,)

    return in_place


def movement_form(moves: Moves, *rules: Rule) -> Form:
    """The form, for every dtype, of an operator that is nothing but its moves."""
    return Form(
        rounding="none: data movement",
        rules=rules,
        reference=movement_reference(moves),
        numba=None,
        kernels=movement_kernels(moves),
        in_place=view_in_place(moves),
    )


def movement_rules(
    inputs: str = "input", *, low: int = 1, high: int = MAX_RANK, dtypes: tuple[str, ...] = MOVABLE
) -> tuple[Rule, ...]:
    """What every operator of data movement asks of its tensors.

    inputs: "inputs" where all inputs move, "input" where only the first one does. low, high: the rank of input 0.
    """
    return (
        InputDtype("input", 0, dtypes),
        Custom(f"{inputs} and output have one dtype", partial(_mixed_dtypes, inputs), _with_mixed_dtypes),
        Custom("no tensor is quantized per channel", _per_channel, _with_per_channel),
        SameQuantization(inputs),
        Rank("input", 0, low, high),
        Custom("no tensor is empty", _empty, _with_empty),
    )


def _mixed_dtypes(inputs: str, layer: Layer) -> str | None:
    dtype = layer.input(0).dtype
    moved = layer.inputs if inputs == "inputs" else ()
    for tensor in [*moved, *layer.outputs]:
        if tensor is not None and tensor.dtype != dtype:
            return f'tensor "{tensor.name}" is {tensor.dtype}, must be {dtype} like "{layer.input(0).name}"'
    return None


def _with_mixed_dtypes(layer: Layer) -> Layer:
    other = np.dtype(np.int16 if layer.output.dtype != np.int16 else np.int8)
    return layer.replace(outputs=(dataclasses.replace(layer.output, dtype=other), *layer.outputs[1:]))


def _per_channel(layer: Layer) -> str | None:
    for tensor in [*layer.inputs, *layer.outputs]:
        if tensor is not None and tensor.per_channel:
            return f'tensor "{tensor.name}" is quantized per channel, must be per tensor'
    return None


def _with_per_channel(layer: Layer) -> Layer:
    two = Quantization(np.ones(2, np.float32), np.zeros(2, np.int64), axis=0)
    return layer.replace(outputs=(dataclasses.replace(layer.output, quantization=two), *layer.outputs[1:]))


def _empty(layer: Layer) -> str | None:
    for tensor in [*layer.inputs, *layer.outputs]:
        if tensor is not None and tensor.elements == 0:
            return f'tensor "{tensor.name}" has the shape {tensor.shape}, must have at least one element'
    return None


def _with_empty(layer: Layer) -> Layer:
    return layer.replace(outputs=(dataclasses.replace(layer.output, shape=(0,)), *layer.outputs[1:]))


def reshaped_last_input(layer: Layer) -> Layer:
    """A copy whose last input has a dimension more than the others: it breaks a rule that shapes agree."""
    last = layer.input(len(layer.inputs) - 1)
    return layer.replace(inputs=(*layer.inputs[:-1], dataclasses.replace(last, shape=(*last.shape, 1))))
