"""Rules of operators: each carries its check, its English, and a layer that breaks it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from simref.graph import Layer, Quantization, Shape, Tensor


class Rule(Protocol):
    """A condition on a layer."""

    @property
    def text(self) -> str:
        """The rule in English: a row of the table of supported operators."""

    def violation(self, layer: Layer) -> str | None:
        """What was found and what is allowed, e.g. `dilation is 2, must be 1`; None when the rule holds."""

    def broken(self, layer: Layer) -> Layer:
        """A copy of a valid layer that breaks this rule: the negative test."""


def _are(name: str) -> str:
    """The verb behind an operand's or attribute's name."""
    return "are" if _is_plural(name) else "is"


def _have(name: str) -> str:
    return "have" if _is_plural(name) else "has"


def _is_plural(name: str) -> bool:
    return name.endswith("s") and not name.endswith(("bias", "axis"))


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _with_input(layer: Layer, position: int, tensor: Tensor | None) -> Layer:
    inputs = list(layer.inputs)
    inputs[position] = tensor
    return layer.replace(inputs=tuple(inputs))


def _with_output(layer: Layer, position: int, tensor: Tensor) -> Layer:
    outputs = list(layer.outputs)
    outputs[position] = tensor
    return layer.replace(outputs=tuple(outputs))


@dataclass(frozen=True)
class Operands:
    """The number of inputs lies in a range."""

    low: int
    high: int | None = None

    @property
    def text(self) -> str:
        """See Rule."""
        high = self.low if self.high is None else self.high
        count = f"{self.low}" if high == self.low else f"{self.low} to {high}"
        return f"takes {count} {'input' if high == 1 else 'inputs'}"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        high = self.low if self.high is None else self.high
        missing = [i for i in range(min(self.low, len(layer.inputs))) if layer.inputs[i] is None]
        if missing:
            return f"input {missing[0]} is missing"
        if self.low <= len(layer.inputs) <= high:
            return None
        return f"has {len(layer.inputs)} inputs, must have {self.text.removeprefix('takes ')}"

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        return layer.replace(inputs=())


@dataclass(frozen=True)
class InputDtype:
    """The input at `position`, where present, has one of the dtypes."""

    name: str
    position: int
    dtypes: tuple[str, ...]

    @property
    def text(self) -> str:
        """See Rule."""
        return f"{self.name} {_are(self.name)} {' or '.join(self.dtypes)}"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        tensor = layer.optional_input(self.position)
        if tensor is None or tensor.dtype.name in self.dtypes:
            return None
        return f"{self.name} {_are(self.name)} {tensor.dtype.name}, must be {' or '.join(self.dtypes)}"

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        changed = dataclasses.replace(layer.input(self.position), dtype=np.dtype(np.complex64))
        return _with_input(layer, self.position, changed)


@dataclass(frozen=True)
class OutputDtype:
    """Every output has one of the dtypes."""

    dtypes: tuple[str, ...]

    @property
    def text(self) -> str:
        """See Rule."""
        return f"output is {' or '.join(self.dtypes)}"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        wrong = [t for t in layer.outputs if t.dtype.name not in self.dtypes]
        return f"output is {wrong[0].dtype.name}, must be {' or '.join(self.dtypes)}" if wrong else None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        return _with_output(layer, 0, dataclasses.replace(layer.output, dtype=np.dtype(np.complex64)))


@dataclass(frozen=True)
class Constant:
    """The input at `position`, where present, is stored in the model."""

    name: str
    position: int

    @property
    def text(self) -> str:
        """See Rule."""
        return f"{self.name} {_are(self.name)} constant"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        tensor = layer.optional_input(self.position)
        return (
            None
            if tensor is None or tensor.is_constant
            else f"{self.name} {_are(self.name)} computed at run time, must be constant"
        )

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        return _with_input(layer, self.position, dataclasses.replace(layer.input(self.position), data=None))


@dataclass(frozen=True)
class PerTensor:
    """Inputs and outputs are quantized per tensor; positions None means all inputs. Outputs always are."""

    positions: tuple[int, ...] | None = None

    @property
    def text(self) -> str:
        """See Rule."""
        which = "inputs" if self.positions is None else f"input {', '.join(map(str, self.positions))}"
        return f"{which} and output are quantized per tensor"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        chosen = range(len(layer.inputs)) if self.positions is None else self.positions
        tensors = [layer.optional_input(i) for i in chosen]
        for tensor in [*tensors, *layer.outputs]:
            if tensor is None:
                continue
            if tensor.quantization is None:
                return f'tensor "{tensor.name}" has no scale, must be quantized per tensor'
            if tensor.per_channel:
                return f'tensor "{tensor.name}" is quantized per channel, must be per tensor'
        return None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        two = Quantization(np.ones(2, np.float32), np.zeros(2, np.int64), axis=0)
        return _with_output(layer, 0, dataclasses.replace(layer.output, quantization=two))


@dataclass(frozen=True)
class SameQuantization:
    """Input `first` (or every input from it on) and every output share scale and zero point: data moves unchanged."""

    inputs: str = "input"
    first: int = 0

    @property
    def text(self) -> str:
        """See Rule."""
        return f"{self.inputs} and output share one scale and zero point"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        first = layer.input(self.first)
        chosen = layer.inputs[self.first :] if self.inputs == "inputs" else (first,)
        for tensor in [*chosen, *layer.outputs]:
            if tensor is None or tensor.quantization is None or first.quantization is None:
                continue
            if tensor.per_channel:
                return f'tensor "{tensor.name}" is quantized per channel, must be per tensor'
            if tensor.scale != first.scale or tensor.zero_point != first.zero_point:
                found = f"({tensor.scale:g}, {tensor.zero_point})"
                return (
                    f'tensor "{tensor.name}" has scale and zero point {found}, must be those of '
                    f'"{first.name}" ({first.scale:g}, {first.zero_point})'
                )
        return None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        one, two = (Quantization(np.array([scale], np.float32), np.zeros(1, np.int64)) for scale in (1, 2))
        quantized = _with_input(layer, self.first, dataclasses.replace(layer.input(self.first), quantization=one))
        return _with_output(quantized, 0, dataclasses.replace(layer.output, quantization=two))


@dataclass(frozen=True)
class Rank:
    """The input at `position` has between `low` and `high` dimensions."""

    name: str
    position: int
    low: int
    high: int

    @property
    def text(self) -> str:
        """See Rule."""
        return f"{self.name} {_have(self.name)} {self._allowed} dimensions"

    @property
    def _allowed(self) -> str:
        return _span(self.low, self.high)

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        tensor = layer.optional_input(self.position)
        if tensor is None or self.low <= len(tensor.shape) <= self.high:
            return None
        return f"{self.name} {_have(self.name)} {len(tensor.shape)} dimensions, must have {self._allowed}"

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        changed = dataclasses.replace(layer.input(self.position), shape=(1,) * (self.high + 1))
        return _with_input(layer, self.position, changed)


@dataclass(frozen=True)
class InRange:
    """An attribute, or each member of a tuple attribute, lies between two bounds, both allowed."""

    attribute: str
    low: int
    high: int

    @property
    def text(self) -> str:
        """See Rule."""
        return f"{self.attribute} {_are(self.attribute)} {self._allowed}"

    @property
    def _allowed(self) -> str:
        return _span(self.low, self.high)

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        value = getattr(layer.attributes, self.attribute)
        members = value if isinstance(value, tuple) else (value,)
        wrong = [v for v in members if not self.low <= v <= self.high]
        return f"{self.attribute} {_are(self.attribute)} {wrong[0]}, must be {self._allowed}" if wrong else None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        value = getattr(layer.attributes, self.attribute)
        bad: Any = (self.high + 1,) * len(value) if isinstance(value, tuple) else self.high + 1
        return layer.replace(attributes=dataclasses.replace(layer.attributes, **{self.attribute: bad}))


@dataclass(frozen=True)
class SameDtype:
    """The inputs, and where `outputs` is set the outputs too, have the dtype of input `first`.

    Inputs before `first` are left out.
    """

    outputs: bool = True
    first: int = 0

    @property
    def text(self) -> str:
        """See Rule."""
        from_first = f"inputs from {self.first} on" if self.first else "inputs"
        return f"{from_first} and outputs have one dtype" if self.outputs else f"{from_first} have one dtype"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        like = layer.input(self.first)
        for tensor in (*layer.inputs[self.first :], *(layer.outputs if self.outputs else ())):
            if tensor is not None and tensor.dtype != like.dtype:
                return f'tensor "{tensor.name}" is {tensor.dtype}, must be {like.dtype} like "{like.name}"'
        return None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        other = np.dtype(np.complex64)
        if self.outputs:
            return _with_output(layer, 0, dataclasses.replace(layer.output, dtype=other))
        last = len(layer.inputs) - 1
        return _with_input(layer, last, dataclasses.replace(layer.input(last), dtype=other))


@dataclass(frozen=True)
class NotQuantized:
    """No tensor has a scale: the numbers are what they are stored as."""

    text: str = "no tensor is quantized"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        for tensor in (*layer.inputs, *layer.outputs):
            if tensor is not None and tensor.quantization is not None:
                return f'tensor "{tensor.name}" is {tensor.dtype} with a scale, must have none'
        return None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        one = Quantization(np.ones(1, np.float32), np.zeros(1, np.int64))
        return _with_output(layer, 0, dataclasses.replace(layer.output, quantization=one))


@dataclass(frozen=True)
class NotEmpty:
    """Every input and output has at least one element."""

    text: str = "no tensor is empty"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        for tensor in (*layer.inputs, *layer.outputs):
            if tensor is not None and tensor.elements == 0:
                return f'tensor "{tensor.name}" has the shape {tensor.shape}, must have at least one element'
        return None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        return _with_output(layer, 0, dataclasses.replace(layer.output, shape=(0,)))


@dataclass(frozen=True)
class Finite:
    """Stored float values are numbers: no NaN, no infinity."""

    text: str = "constants are finite"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        for tensor in layer.inputs:
            if tensor is not None and tensor.data is not None and not np.isfinite(tensor.data).all():
                return f'constant "{tensor.name}" holds NaN or infinity, must hold finite numbers'
        return None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        position = max(p for p, tensor in enumerate(layer.inputs) if tensor is not None)
        tensor = layer.input(position)
        return _with_input(layer, position, dataclasses.replace(tensor, data=np.full(tensor.shape, np.nan, np.float32)))


@dataclass(frozen=True)
class Custom:
    """A rule of one operator alone, given by its two functions."""

    text: str
    check: Callable[[Layer], str | None]
    breaker: Callable[[Layer], Layer]

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        return self.check(layer)

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        return self.breaker(layer)


@dataclass(frozen=True)
class OutputShape:
    """The stored output shapes are the ones the operator computes.

    shapes: layer -> one shape per output. It runs after the other rules, so it may rely on them.
    """

    shapes: Callable[[Layer], tuple[tuple[int, ...], ...]]
    text: str = "the stored output shape is the computed one"

    def violation(self, layer: Layer) -> str | None:
        """See Rule."""
        expected = self.shapes(layer)
        found = tuple(t.shape for t in layer.outputs)
        if len(expected) != len(found):
            return f"has {len(found)} outputs, must have {len(expected)}"
        for want, got in zip(expected, found, strict=True):
            if want != got:
                return f"output shape is {got}, must be {want}"
        return None

    def broken(self, layer: Layer) -> Layer:
        """See Rule."""
        return _with_output(layer, 0, dataclasses.replace(layer.output, shape=(*layer.output.shape, 7)))


def same_shape(layer: Layer) -> tuple[Shape, ...]:
    """For OutputShape: one output of the shape of input 0."""
    return (layer.input(0).shape,)
