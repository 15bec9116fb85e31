"""What the recurrent layers of float32 share: sums, activations, operands, results and the walk over time.

A gate's sum starts at +0.0, adds the products of its row of W with the input, feature by feature, then those of its row
of R with the state, unit by unit, each as a multiply-add, and then the bias, which is never -0.0. A state that starts
as zeros adds nothing: the weights are finite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from simref.float32 import Float32, multiply_add
from simref.graph import Array, Layer
from simref.ops._convolution_f32 import bias_of as bias_f32
from simref.ops._convolution_f32 import packed_blocks
from simref.ops._op import Form, KernelCall, Reference, Value, never_in_place
from simref.ops._recurrent_rules import RECURRENT, WEIGHTS, Layout, recurrent_rules, units_of
from simref.ops._rules import Rule


def add_products(sums: Float32, x: Float32, weights: Float32, fused: bool) -> Float32:
    """Add to sums (…, rows), in place, the products of x (…, count) and weights (rows, count), in order."""
    for k, column in enumerate(np.ascontiguousarray(weights.T)):
        multiply_add(x[..., k, np.newaxis], column, sums, fused, out=sums)
    return sums


def input_sums(layer: Layer, x: Array) -> Float32:
    """The sums over the input alone, for all steps at once: (samples, batch, time, rows)."""
    weights = layer.constant(WEIGHTS)
    return add_products(np.zeros((*x.shape[:-1], len(weights)), np.float32), x, weights, layer.fused)


def bias_of(layer: Layer, position: int) -> Float32:
    """A stored bias, zeros where the model has none; -0.0 becomes +0.0."""
    return bias_f32(layer, len(layer.constant(WEIGHTS)), position)


def initial_state(layer: Layer, inputs: Sequence[Array], position: int) -> Float32:
    """A copy of the state at `position` as (samples, batch, units), zeros where the layer has none."""
    state = np.zeros((len(inputs[0]), layer.input(0).shape[0], units_of(layer)), np.float32)
    if layer.optional_input(position) is not None:
        state += inputs[sum(tensor is not None for tensor in layer.inputs[:position])]
    return state


def walk(layer: Layer, x: Array, h: Float32, step: Callable[[Array, Float32], Float32]) -> Float32:
    """The states (samples, batch, time, units) after each step, in the order of the walk.

    x: (samples, batch, time, …). h: the first state. step: x at one time, the state before it -> the state after it.
    """
    times = range(x.shape[2])
    states = []
    for t in reversed(times) if layer.attributes.go_backwards else times:
        h = step(x[:, :, t], h)
        states.append(h)
    return np.stack(states, axis=2)


def chosen_results(layer: Layer, sequence: Array, cell: Array | None = None) -> tuple[Array, ...]:
    """The results that the layer asks for, in its order. cell: (samples, batch, units)."""
    found = {"sequence": sequence, "hidden": np.ascontiguousarray(sequence[:, :, -1]), "cell": cell}
    return tuple(array for name in layer.attributes.results if (array := found[name]) is not None)


def in_sequences(x: Array) -> Array:
    """(samples, batch, …) as contiguous (sequences, …) for compiled code."""
    return np.ascontiguousarray(x).reshape(-1, *x.shape[2:])


def in_columns(layer: Layer) -> tuple[Array, Array]:
    """Weights (features, rows) and recurrent weights (units, rows) for compiled code."""
    weights, recurrent = (np.ascontiguousarray(layer.constant(position).T) for position in (WEIGHTS, RECURRENT))
    return weights, recurrent


def packed_gates(rows: Array, gates: int) -> Array:
    """The rows of each gate in the blocks of runtime_c/recurrent_f32.h, gate after gate."""
    return np.concatenate([packed_blocks(part) for part in np.split(rows, gates)])


def recurrent_call(
    layer: Layer,
    layout: Layout,
    kernel: str,
    params: Mapping[str, Value],
    constants: tuple[Array, Array, Array],
    buffers: int,
) -> KernelCall:
    """The call of a layer's kernel.

    params: besides the time. constants: weights, recurrent weights and biases as the kernel takes them. buffers: how
    many times `units` floats the kernel needs besides room for the states.
    """
    batches, steps, features = layer.input(0).shape
    units, results = units_of(layer), layer.attributes.results
    time: dict[str, Value] = {
        "time.batches": batches,
        "time.steps": steps,
        "time.features": features,
        "time.units": units,
        "time.backwards": int(layer.attributes.go_backwards),
    }
    if "sequence" not in results:
        buffers += 1 if "hidden" in results else 2
    return KernelCall(
        kernel=kernel,
        params={**time, **params},
        operands=(0, *constants, *layout.states),
        output=tuple(results.index(name) if name in results else None for name in layout.results),
        # One float where none is needed: the argument is always there.
        scratch=max(buffers * units, 1) * 4,
    )


def recurrent_form(
    layout: Layout,
    reference: Reference,
    numba: Reference,
    kernels: Callable[[Layer], tuple[KernelCall, ...]],
    *rules: Rule,
) -> Form:
    """The form of a recurrent layer. rules: besides those that follow from the layout."""
    return Form(
        rounding="float32: each gate's sum in one lane, over features, then units, then the bias",
        rules=(*recurrent_rules(layout), *rules),
        reference=reference,
        numba=numba,
        kernels=kernels,
        in_place=never_in_place,
    )
