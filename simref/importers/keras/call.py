"""One call of a Keras layer: what a translator reads, and how it writes layers of the graph."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from simref.builder import GraphBuilder
from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Graph, Shape
from simref.importers._untrusted import MAX_TENSOR_BYTES, printable
from simref.importers.keras.config import Config
from simref.importers.keras.topology import LayerSpec, ModelSpec, Path, read_model
from simref.importers.keras.weights import Weights
from simref.ops import OPERATORS, _elementwise, _pool, _reduce, _resize
from simref.ops._convolution import ConvAttributes

MAX_CONSTANT_BYTES = 1 << 29
# A model of models can ask for a number of layers that grows without bound with its file's size.
MAX_NODES = 1 << 13
MAX_CALLS = 1 << 16


@dataclass(frozen=True)
class Value:
    """A tensor of the graph among the arguments of a call."""

    index: int


Argument = Any  # a JSON value with Values in it
Results = tuple[int, ...]


def tensors_of(argument: Argument) -> list[int]:
    """The tensors in a structure of arguments, in order."""
    if isinstance(argument, Value):
        return [argument.index]
    if isinstance(argument, dict):
        argument = list(argument.values())
    return [index for item in argument for index in tensors_of(item)] if isinstance(argument, list) else []


@dataclass
class GraphWriter:
    """The graph in the making, its limits, and the constants of layers that are called several times."""

    name: str
    version: int
    builder: GraphBuilder = field(init=False)
    specs: dict[Path, ModelSpec] = field(default_factory=dict)
    _constants: dict[tuple[Path, str], int] = field(default_factory=dict)
    _constant_bytes: int = 0
    _calls: int = 0
    _names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.builder = GraphBuilder(self.name)

    def model_spec(self, spec: LayerSpec, path: Path) -> ModelSpec:
        """The layers of a model, read once."""
        if path not in self.specs:
            self.specs[path] = read_model(spec, path)
        return self.specs[path]

    def count_calls(self, number: int) -> None:
        """Raise UnsupportedError where layers are called more often than any network calls them."""
        self._calls += number
        if self._calls > MAX_CALLS or len(self.builder.nodes) > MAX_NODES:
            raise UnsupportedError(f"the model has over {MAX_NODES} layers with those of the models in it")

    def constant(self, path: Path, name: str, data: Array) -> int:
        """The constant of a layer, made once."""
        key = path, name
        if key not in self._constants:
            self._constant_bytes += data.nbytes
            if self._constant_bytes > MAX_CONSTANT_BYTES:
                raise UnsupportedError(f"the weights have over {MAX_CONSTANT_BYTES} bytes")
            full = self._unique("/".join(printable(part) for part in (*path, name)))
            self._constants[key] = self.builder.constant(full, data)
        return self._constants[key]

    def _unique(self, name: str) -> str:
        """The name, changed where it is taken: a step of one layer may bear the name of another layer."""
        while name in self._names:
            name += "_"
        self._names.add(name)
        return name

    def emit(
        self, op: str, name: str, inputs: Sequence[int | None], fields: dict[str, Any], outputs: int, dtypes: Any
    ) -> Results:
        """Layers of the graph; see `LayerCall.emit`."""
        if op not in OPERATORS:
            raise UnsupportedError(
                f"layer \"{name}\" needs the operator {op}, which is not built. See 'simref supported-ops'."
            )
        attributes = _attributes(op, fields)
        results = self.builder.layers(op, self._unique(name), inputs, attributes, outputs=outputs, dtype=dtypes)
        for index in results:
            self.check_size(index)
        return results

    def check_size(self, index: int) -> None:
        """Raise UnsupportedError for a tensor without elements or larger than any memory."""
        tensor = self.builder.tensors[index]
        if min(tensor.shape, default=1) < 1 or tensor.nbytes > MAX_TENSOR_BYTES:
            raise UnsupportedError(
                f'tensor "{tensor.name}" has the shape {tensor.shape}, must hold 1 to {MAX_TENSOR_BYTES} bytes'
            )

    def graph(self, outputs: Sequence[int]) -> Graph:
        """The graph of all that was written."""
        return self.builder.graph(outputs)


# Where the attributes of operators stand that share them.
_ATTRIBUTES: dict[str, type[Any]] = {
    "CONV_2D": ConvAttributes,
    **dict.fromkeys(("ADD", "SUB", "MUL", "DIV"), _elementwise.Attributes),
    **dict.fromkeys(("MAX_POOL_2D", "AVERAGE_POOL_2D"), _pool.Attributes),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"), _reduce.Attributes),
    **dict.fromkeys(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), _resize.Attributes),
}


def _attributes(op: str, fields: dict[str, Any]) -> Any:
    """The operator's attributes; None where it has none."""
    own = getattr(importlib.import_module(f"simref.ops.{op.lower()}"), "Attributes", None)
    kind = _ATTRIBUTES.get(op, own)
    return None if kind is None else kind(**fields)


@dataclass(frozen=True)
class LayerCall:
    """One call of one layer.

    name: of the graph's layers, with the number of the call if it is not the first. path: the names of the models
    around the layer and its own, which are those of its weights. args, kwargs: the arguments, a Value in the place of
    each tensor. inputs: the tensors among `args`.
    """

    writer: GraphWriter
    spec: LayerSpec
    name: str
    path: Path
    args: list[Argument]
    kwargs: dict[str, Argument]
    weights: Weights
    run: Callable[[LayerCall], Results]

    @property
    def config(self) -> Config:
        """The layer's settings."""
        return self.spec.config

    @property
    def version(self) -> int:
        """Keras' major version."""
        return self.writer.version

    def refuse(self, reason: str) -> NoReturn:
        """Raise UnsupportedError naming the layer."""
        self.config.refuse(reason)

    @cached_property
    def inputs(self) -> Results:
        """The tensors among the positional arguments, in order."""
        return tuple(tensors_of(self.args))

    @property
    def x(self) -> int:
        """The only input."""
        if len(self.inputs) != 1:
            self.config.damaged(f"it is called with {len(self.inputs)} tensors, must be called with 1")
        return self.inputs[0]

    def shape(self, index: int) -> Shape:
        """The shape of a tensor."""
        return self.writer.builder.tensors[index].shape

    def dtype(self, index: int) -> str:
        """The dtype of a tensor."""
        return self.writer.builder.tensors[index].dtype.name

    def rank(self, index: int, low: int, high: int | None = None) -> int:
        """The number of dimensions of a tensor. Raises ModelError outside `low` to `high`."""
        rank, high = len(self.shape(index)), low if high is None else high
        if not low <= rank <= high:
            allowed = f"{low}" if low == high else f"{low} to {high}"
            self.config.damaged(f"its input has the shape {self.shape(index)}, must have {allowed} dimensions")
        return rank

    def emit(self, op: str, *inputs: int | None, step: str = "", dtype: str | None = None, **fields: Any) -> int:
        """Write a layer with one output; its output's index.

        step: what is added to this layer's name. dtype: of the output, None for that of the first input.
        fields: those of the operator's attributes. Raises UnsupportedError where a rule of the operator is broken.
        """
        return self.emit_all(op, *inputs, step=step, dtypes=dtype, **fields)[0]

    def emit_all(
        self, op: str, *inputs: int | None, step: str = "", outputs: int = 1, dtypes: Any = None, **fields: Any
    ) -> Results:
        """The same with several outputs; `dtypes` is one for all or a list."""
        name = f"{self.name}/{step}" if step else self.name
        return self.writer.emit(op, name, inputs, fields, outputs, dtypes)

    def constant(self, name: str, data: Array) -> int:
        """A constant of the layer, the same one in all its calls."""
        return self.writer.constant(self.path, name, data)

    def scalar(self, name: str, value: float) -> int:
        """A float32 constant of shape (1,), which broadcasts."""
        number = np.array([value], np.float32)
        if not np.isfinite(number).all():
            self.refuse(f"{name} is {value}, must be a finite float32")
        return self.constant(name, number)

    def variables(self, shapes: dict[str, Shape | None], part: str = "") -> dict[str, Array]:
        """The layer's weights by name, float32.

        shapes: of each in the order of their creation; None for one that the layer does not have. part: the attribute
        of the layer that owns them, or nothing. Raises ModelError naming what is missing, of another shape, or not
        finite, and UnsupportedError for another dtype.
        """
        present = {name: shape for name, shape in shapes.items() if shape is not None}
        owner = self.weights.part(part) if part else self.weights
        found: dict[str, Array] = {}
        for (name, shape), stored in zip(present.items(), owner.objects(list(present)), strict=True):
            if stored is None:
                self.config.damaged(f'its weights "{name}" are missing in the weights file')
            if stored.shape != shape:
                self.config.damaged(f'its weights "{name}" have the shape {stored.shape}, must have {shape}')
            found[name] = self._checked(name, stored.array())
        return found

    def _checked(self, name: str, data: Array) -> Array:
        if data.dtype != np.float32:
            self.refuse(f'its weights "{name}" are {data.dtype}, must be float32. Save the model in float32.')
        if not np.isfinite(data).all():
            self.config.damaged(f'its weights "{name}" are not all finite, must be numbers')
        return data

    def reshape(self, x: int, shape: Shape, step: str = "") -> int:
        """The tensor in another shape; itself where it has that shape."""
        if self.shape(x) == shape:
            return x
        if math.prod(shape) != math.prod(self.shape(x)):
            self.config.damaged(f"its input has the shape {self.shape(x)}, must fit {shape}")
        return self.emit("RESHAPE", x, step=step, shape=shape)

    def transpose(self, x: int, permutation: Sequence[int], step: str = "") -> int:
        """The tensor with its dimensions in another order; itself where none moves."""
        if list(permutation) == list(range(len(permutation))):
            return x
        return self.emit("TRANSPOSE", x, step=step, permutation=tuple(permutation))

    def cast(self, x: int, dtype: str, step: str) -> int:
        """The tensor in another dtype; itself where it has that one."""
        return x if self.dtype(x) == dtype else self.emit("CAST", x, step=step, dtype=dtype)

    def inner(self, spec: LayerSpec, part: str, x: Sequence[int], step: str) -> Results:
        """Run a layer that this one holds in its attribute `part`, on tensors x."""
        call = replace(
            self,
            spec=spec,
            name=f"{self.name}/{step}",
            path=(*self.path, part),
            args=[Value(index) for index in x],
            kwargs={},
            weights=self.weights.part(part),
        )
        return self.run(call)


Translator = Callable[[LayerCall], int | Results]


def bias_of(weights: dict[str, Array], name: str = "bias") -> Array | None:
    """A bias without negative zeros, which sums would not keep; None where the layer has none."""
    return weights[name] + np.float32(0) if name in weights else None


def optional_constant(call: LayerCall, name: str, data: Array | None) -> int | None:
    """The constant, or None where there is no data."""
    return None if data is None else call.constant(name, data)


def damaged(owner: str, error: Exception) -> ModelError:
    """The error for what no check foresaw in a damaged configuration."""
    text = " ".join(str(error).split())[:120]
    return ModelError(f"{owner}: its configuration is malformed ({type(error).__name__}: {text})")
