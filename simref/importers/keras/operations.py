"""Functions of tensors in the place of layers: `keras.ops` and operators of Keras 3, TFOpLambda of Keras 2."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from simref.importers._untrusted import printable
from simref.importers.keras.activations import FUNCTIONS, plain, softmax
from simref.importers.keras.call import Argument, LayerCall, Results, Translator, Value
from simref.importers.keras.config import Config
from simref.importers.keras.reshaping import resolved

LEGACY = ("TFOpLambda", "SlicingOpLambda")
_MAX_ELEMENTS = 1 << 22  # of a constant that is written out in the configuration


@dataclass(frozen=True)
class _Operation:
    """A call with its arguments in order and its settings by name, wherever the file keeps them."""

    call: LayerCall
    args: list[Argument]
    fields: dict[str, Any]

    @property
    def settings(self) -> Config:
        return Config(self.call.config.owner, self.fields)

    def argument(self, position: int, *names: str) -> Argument:
        """The argument at a position, or of one of the names."""
        if position < len(self.args):
            return self.args[position]
        return self.settings.get(*names)

    def tensor(self, position: int, *names: str) -> int:
        """The same as a tensor; a number or an array is a constant of the layer."""
        value = self.argument(position, *names)
        if isinstance(value, Value):
            return value.index
        if isinstance(value, dict) and value.get("class_name") == "__numpy__":
            value = Config(self.call.config.owner, value).section("config").get("value")
        array = np.asarray(value, np.float32)
        if array.size > _MAX_ELEMENTS or array.size == 0 or not np.isfinite(array).all():
            self.call.config.damaged(f"argument {position} must be a tensor or finite numbers")
        return self.call.constant(f"argument_{position}", array.reshape(array.shape or (1,)))

    @property
    def x(self) -> int:
        """The first argument."""
        return self.tensor(0, "x", "input", "inputs", "a", "tensor")


_Writer = Callable[[_Operation], int]


def _binary(o: _Operation, op: str) -> int:
    fields = {} if op in ("MAXIMUM", "MINIMUM", "POW") else plain()
    first, second = o.tensor(0, "x", "x1"), o.tensor(1, "y", "x2")
    return o.call.emit(op, first, second, **fields)


def _unary(o: _Operation, op: str) -> int:
    return o.call.emit(op, o.x)


def _function(o: _Operation, name: str) -> int:
    return FUNCTIONS[name](o.call, o.x, "")


def _softmax(o: _Operation, op: str) -> int:
    return softmax(o.call, o.x, "", _axes(o, default=-1)[0], op)


def _axes(o: _Operation, default: int | None = None) -> tuple[int, ...]:
    """The `axis` argument; without one that of `default`, or all dimensions."""
    rank, stored = len(o.call.shape(o.x)), o.argument(1, "axis")
    if stored is None and default is None:
        return tuple(range(rank))
    return o.call.config.with_field("axis", stored).axes("axis", rank, -1 if default is None else default)


def _reduction(o: _Operation, op: str) -> int:
    keep = o.settings.flag("keepdims")
    return o.call.emit(op, o.x, axes=_axes(o), keep_dims=keep)


def _reshape(o: _Operation) -> int:
    target = o.call.config.with_field("shape", o.argument(1, "newshape", "shape")).integers("shape", low=-1)
    return o.call.reshape(o.x, resolved(o.call, target, math.prod(o.call.shape(o.x))))


def _transpose(o: _Operation) -> int:
    rank, stored = len(o.call.shape(o.x)), o.argument(1, "axes", "perm")
    order = tuple(reversed(range(rank)))
    if stored is not None:
        order = o.call.config.with_field("axes", stored).integers("axes", rank, low=-rank, high=rank - 1)
    order = tuple(axis % rank for axis in order)
    if len(set(order)) < rank:
        o.call.config.damaged(f"axes are {order}, must name each dimension once")
    return o.call.transpose(o.x, order)


def _expand_dims(o: _Operation) -> int:
    shape = list(o.call.shape(o.x))
    rank = len(shape) + 1
    axes = o.call.config.with_field("axis", o.argument(1, "axis")).axes("axis", rank)
    for axis in axes:
        shape.insert(axis, 1)
    return o.call.reshape(o.x, tuple(shape))


def _squeeze(o: _Operation) -> int:
    shape = o.call.shape(o.x)
    axes = _axes(o) if o.argument(1, "axis") is not None else [d for d, size in enumerate(shape) if size == 1 and d]
    return o.call.reshape(o.x, tuple(size for d, size in enumerate(shape) if d not in axes))


def _concatenate(o: _Operation) -> int:
    inputs = o.call.inputs
    (axis,) = o.settings.axes("axis", len(o.call.shape(inputs[0])), 0)
    return o.call.emit("CONCATENATION", *inputs, axis=axis)


def _matmul(o: _Operation) -> int:
    first, second = o.tensor(0, "x1", "a"), o.tensor(1, "x2", "b")
    adjoint: dict[str, Any] = {
        f"adj_{to}": o.settings.flag(f"transpose_{name}") for to, name in (("x", "a"), ("y", "b"))
    }
    return o.call.emit("BATCH_MATMUL", first, second, **adjoint)


def _clip(o: _Operation) -> int:
    bounds = [("low", 1, ("x_min", "clip_value_min")), ("high", 2, ("x_max", "clip_value_max"))]
    fields: dict[str, Any] = {
        to: o.call.config.with_field(to, o.argument(position, *names)).number(to) for to, position, names in bounds
    }
    return o.call.emit("CLIP", o.x, **fields)


def _get_item(o: _Operation) -> int:
    """Basic indexing: whole numbers drop a dimension, slices cut one, None inserts one of size 1."""
    key, x = o.argument(1, "key", "slice_spec"), o.x
    entries = list(key) if isinstance(key, list) else [key]
    begin, count, stride, shape = [], [], [], []
    sizes = list(o.call.shape(x))
    for entry in entries:
        if entry is None:
            shape.append(1)
            continue
        if not sizes:
            o.call.config.damaged("it has more indices than its input has dimensions")
        start, number, step = _indices(o, entry, sizes.pop(0))
        begin.append(start)
        count.append(number)
        stride.append(step)
        shape += [number] if isinstance(entry, dict) else []
    rest = len(sizes)
    whole: dict[str, Any] = {
        "begin": (*begin, *(0,) * rest),
        "count": (*count, *sizes),
        "stride": (*stride, *(1,) * rest),
    }
    return o.call.emit("STRIDED_SLICE", x, **whole, shape=(*shape, *sizes))


def _indices(o: _Operation, entry: Any, size: int) -> tuple[int, int, int]:
    """(begin, count, stride) along a dimension of that size."""
    owner = o.call.config.owner
    if not isinstance(entry, dict):
        index = o.call.config.with_field("index", entry).integer("index", low=-size, high=size - 1)
        return index % size, 1, 1
    fields = Config(owner, entry).section("config") if "config" in entry else entry
    bounds = [fields.get(name) for name in ("start", "stop", "step")]
    if any(bound is not None and not isinstance(bound, int) for bound in bounds):
        o.call.refuse("it is indexed with computed bounds, must be whole numbers")
    if bounds[2] == 0:
        o.call.config.damaged("it is indexed with step 0")
    seen = range(*slice(*bounds).indices(size))
    if not seen:
        o.call.config.damaged("it is indexed with an empty slice")
    return seen.start, len(seen), seen.step


def _parametric(o: _Operation, op: str, name: str, default: float) -> int:
    """An activation with one number: `name` in Keras, alpha in the operator."""
    return o.call.emit(op, o.x, alpha=o.settings.number(name, "alpha", default=default))


def _gelu(o: _Operation) -> int:
    return o.call.emit("GELU", o.x, approximate=o.settings.flag("approximate", default=o.call.version >= 3))


_BINARY = {
    "Add": "ADD",
    "Subtract": "SUB",
    "Multiply": "MUL",
    "Divide": "DIV",
    "TrueDivide": "DIV",
    "Maximum": "MAXIMUM",
    "Minimum": "MINIMUM",
    "Power": "POW",
}
_UNARY = {
    "Absolute": "ABS",
    "Abs": "ABS",
    "Negative": "NEG",
    "Exp": "EXP",
    "Log": "LOG",
    "Sqrt": "SQRT",
    "Rsqrt": "RSQRT",
    "Square": "SQUARE",
    "Sin": "SIN",
    "Cos": "COS",
    "Sign": "SIGN",
    "Floor": "FLOOR",
    "Ceil": "CEIL",
    "Round": "ROUND",
    "Erf": "ERF",
    "Reciprocal": "RECIPROCAL",
}
_NAMED = {
    "Relu": "relu",
    "Relu6": "relu6",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Silu": "silu",
    "Selu": "selu",
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "LogSigmoid": "log_sigmoid",
}
_REDUCTIONS = {"Mean": "MEAN", "Sum": "SUM", "Max": "REDUCE_MAX", "Min": "REDUCE_MIN", "Prod": "REDUCE_PROD"}

WRITERS: dict[str, _Writer] = {
    **{name: partial(_binary, op=op) for name, op in _BINARY.items()},
    **{name: partial(_unary, op=op) for name, op in _UNARY.items()},
    **{name: partial(_function, name=function) for name, function in _NAMED.items()},
    **{name: partial(_reduction, op=op) for name, op in _REDUCTIONS.items()},
    "Softmax": partial(_softmax, op="SOFTMAX"),
    "LogSoftmax": partial(_softmax, op="LOG_SOFTMAX"),
    "LeakyRelu": partial(_parametric, op="LEAKY_RELU", name="negative_slope", default=0.2),
    "Elu": partial(_parametric, op="ELU", name="alpha", default=1.0),
    "Gelu": _gelu,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "ExpandDims": _expand_dims,
    "Squeeze": _squeeze,
    "Concatenate": _concatenate,
    "Matmul": _matmul,
    "Clip": _clip,
    "GetItem": _get_item,
}
# The functions of TensorFlow that a TFOpLambda names, as the operations of Keras 3.
_TENSORFLOW = {
    "__operators__.add": "Add",
    "__operators__.getitem": "GetItem",
    "math.add": "Add",
    "math.subtract": "Subtract",
    "math.multiply": "Multiply",
    "math.truediv": "TrueDivide",
    "math.divide": "TrueDivide",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
    "math.pow": "Power",
    "math.abs": "Abs",
    "math.negative": "Negative",
    "math.exp": "Exp",
    "math.log": "Log",
    "math.sqrt": "Sqrt",
    "math.rsqrt": "Rsqrt",
    "math.square": "Square",
    "math.sigmoid": "Sigmoid",
    "math.tanh": "Tanh",
    "math.reduce_mean": "Mean",
    "math.reduce_sum": "Sum",
    "math.reduce_max": "Max",
    "math.reduce_min": "Min",
    "nn.relu": "Relu",
    "nn.relu6": "Relu6",
    "nn.sigmoid": "Sigmoid",
    "nn.tanh": "Tanh",
    "nn.silu": "Silu",
    "nn.swish": "Silu",
    "nn.softmax": "Softmax",
    "nn.leaky_relu": "LeakyRelu",
    "reshape": "Reshape",
    "transpose": "Transpose",
    "expand_dims": "ExpandDims",
    "squeeze": "Squeeze",
    "concat": "Concatenate",
    "linalg.matmul": "Matmul",
    "clip_by_value": "Clip",
}


def translator(call: LayerCall) -> Translator:
    """The function that writes the operation. Raises UnsupportedError naming it."""
    name = call.spec.kind
    if name in LEGACY:
        function = str(call.config.get("function"))
        name = _TENSORFLOW.get(function, function)
    if name not in WRITERS:
        call.refuse(f"its operation {printable(name)} is not supported, must be one of {', '.join(sorted(WRITERS))}")
    return partial(_write, writer=WRITERS[name])


def _write(call: LayerCall, writer: _Writer) -> Results:
    return (writer(_Operation(call, call.args, {**call.config.fields, **call.kwargs})),)
