"""The operands of recurrent layers, and what their shapes and attributes must be."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from simref.graph import Layer, Shape
from simref.ops import _rules as rules
from simref.ops._recurrent_activations import ACTIVATIONS

WEIGHTS, RECURRENT = 1, 2


@dataclass(frozen=True)
class Layout:
    """What a layer takes besides x (batch, time, features), W (gates * units, features) and R (gates * units, units).

    biases: positions of the optional constants (gates * units,). states: positions of the optional first states
    (batch, units). results: what it gives, of which `Attributes.results` chooses.
    """

    gates: int
    biases: tuple[int, ...]
    states: tuple[int, ...]
    results: tuple[str, ...]

    def shapes(self, layer: Layer) -> dict[int, Shape]:
        """What the shape of each operand must be."""
        batch, _, features = layer.input(0).shape
        rows, units = self.gates * units_of(layer), units_of(layer)
        fixed: dict[int, Shape] = {WEIGHTS: (rows, features), RECURRENT: (rows, units)}
        return fixed | dict.fromkeys(self.biases, (rows,)) | dict.fromkeys(self.states, (batch, units))


def units_of(layer: Layer) -> int:
    """The size of the state."""
    return layer.input(RECURRENT).shape[-1]


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """sequence: (batch, time, units); hidden, cell: (batch, units)."""
    batch, time, _ = layer.input(0).shape
    state: Shape = (batch, units_of(layer))
    return tuple((batch, time, state[1]) if name == "sequence" else state for name in layer.attributes.results)


def macc(layer: Layer, gates: int) -> int:
    """Batches times steps times the products and biases of every gate, and one product per unit."""
    batch, time, features = layer.input(0).shape
    units = units_of(layer)
    return batch * time * (gates * units * (features + units + 1) + units)


def recurrent_rules(layout: Layout) -> tuple[rules.Rule, ...]:
    """The rules of a layer with this layout."""
    constants = {WEIGHTS: "weights", RECURRENT: "recurrent weights"} | {
        position: f"bias, input {position}," for position in layout.biases
    }
    states = {position: f"first state, input {position}," for position in layout.states}
    return (
        rules.Operands(3, 1 + len(constants) + len(states)),
        rules.InputDtype("input", 0, ("float32",)),
        *(rules.InputDtype(name, position, ("float32",)) for position, name in (constants | states).items()),
        rules.OutputDtype(("float32",)),
        *(rules.Constant(name, position) for position, name in constants.items()),
        rules.NotEmpty(),
        rules.Finite(),
        rules.Rank("input", 0, 3, 3),
        rules.Rank("weights", WEIGHTS, 2, 2),
        rules.Rank("recurrent weights", RECURRENT, 2, 2),
        rules.Custom(f"activations are among {', '.join(ACTIVATIONS)}", _activation_violation, _break_activation),
        _results_rule(layout.results),
        _shapes_rule(layout),
        rules.OutputShape(output_shapes),
    )


def _activation_violation(layer: Layer) -> str | None:
    for name in ("activation", "recurrent_activation"):
        found = getattr(layer.attributes, name, "linear")
        if found not in ACTIVATIONS:
            return f"{name} is {found}, must be {', '.join(ACTIVATIONS)}"
    return None


def _break_activation(layer: Layer) -> Layer:
    return layer.replace(attributes=dataclasses.replace(layer.attributes, activation="swish"))


def _results_rule(allowed: tuple[str, ...]) -> rules.Custom:
    text = f"results are some of {', '.join(allowed)}, each at most once"

    def violation(layer: Layer) -> str | None:
        found = layer.attributes.results
        if found and set(found) <= set(allowed) and len(set(found)) == len(found):
            return None
        return f"results are {', '.join(found) or 'none'}, must be some of {', '.join(allowed)}, each at most once"

    def broken(layer: Layer) -> Layer:
        return layer.replace(attributes=dataclasses.replace(layer.attributes, results=("sequence", "sequence")))

    return rules.Custom(text, violation, broken)


def _shapes_rule(layout: Layout) -> rules.Custom:
    def violation(layer: Layer) -> str | None:
        for position, shape in layout.shapes(layer).items():
            tensor = layer.optional_input(position)
            if tensor is not None and tensor.shape != shape:
                return f'"{tensor.name}", input {position}, has the shape {tensor.shape}, must have {shape}'
        return None

    def broken(layer: Layer) -> Layer:
        x = layer.input(0)
        wider = dataclasses.replace(x, shape=(*x.shape[:-1], x.shape[-1] + 1))
        return layer.replace(inputs=(wider, *layer.inputs[1:]))

    gates = "units" if layout.gates == 1 else f"{layout.gates} units"
    text = f"weights are ({gates}, features) and ({gates}, units), biases ({gates}), first states (batch, units)"
    return rules.Custom(text, violation, broken)
