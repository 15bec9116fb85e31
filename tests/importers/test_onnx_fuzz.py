"""Damaged ONNX files end in a graph or in one line: never another exception, never memory the file did not bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnx
import pytest

from simref.importers.onnx import import_onnx
from tests.importers import test_onnx, test_onnx_quantization
from tests.importers.mutation import Generator, Limits, Mutation, check_damaged, flip_bits, remove, splice, truncate
from tests.importers.onnx_models import build, node, typed, values

# Constants that a model computes may have 2**20 elements more than their operands, of eight bytes, and copies of them.
LIMITS = Limits(peak_bytes=64 << 20)
MUTANTS_PER_MODEL = 120
NUMBERS = (-(1 << 62), -(1 << 31), -9, -2, -1, 0, 1, 2, 3, 4, 5, 7, 16, 100, 1 << 20, 1 << 31, (1 << 62) - 1)
FLOATS = (-1e30, -1.0, 0.0, 0.5, 2.0, 1e30, float("nan"), float("inf"))


def change_fields(rng: Generator, data: bytes) -> bytes:
    """A well-formed file that says something else: what passes the reader and meets converters and rules."""
    model = onnx.ModelProto.FromString(data)
    for _ in range(int(rng.integers(1, 4))):
        fields = list(_fields(model))
        message, descriptor = fields[int(rng.integers(len(fields)))]
        _change(rng, message, descriptor)
    return bytes(model.SerializeToString())


def _fields(message: Any) -> Iterator[tuple[Any, Any]]:
    """Every field that is set, nested ones included; names of tensors and nodes are fields too."""
    for descriptor, value in message.ListFields():
        if descriptor.type == descriptor.TYPE_MESSAGE:
            for inner in value if descriptor.is_repeated else [value]:
                yield from _fields(inner)
        yield message, descriptor


def _change(rng: Generator, message: Any, descriptor: Any) -> None:
    value = getattr(message, descriptor.name)
    if not descriptor.is_repeated:
        if descriptor.type != descriptor.TYPE_MESSAGE:
            _set(rng, value, lambda new: setattr(message, descriptor.name, new))
        elif rng.random() < 0.2:
            message.ClearField(descriptor.name)
        return
    position = int(rng.integers(len(value)))
    choice = rng.random()
    if choice < 0.2:
        del value[position]
    elif choice < 0.4:
        value.extend([value[position]])
    elif descriptor.type != descriptor.TYPE_MESSAGE:
        _set(rng, value[position], lambda new: value.__setitem__(position, new))


def _set(rng: Generator, old: Any, assign: Callable[[Any], None]) -> None:
    """Another value of the old one's kind, where the field takes it."""
    if isinstance(old, str):
        new: Any = ("", "x", "y", "a", "w", old + "_", "SAME_UPPER")[int(rng.integers(7))]
    elif isinstance(old, bytes):
        new = old[: len(old) // 2] if rng.random() < 0.5 else old + b"\0\0\0\0"
    elif isinstance(old, float):
        new = float(rng.choice(FLOATS))
    else:
        new = NUMBERS[int(rng.integers(len(NUMBERS)))]
    try:
        assign(new)
    except (TypeError, ValueError, OverflowError):  # the field does not take it: no such file can be
        return


MUTATIONS: tuple[Mutation, ...] = (flip_bits, truncate, splice, remove, *(change_fields,) * 8)
INTS = np.int64


def _convolutions() -> onnx.ModelProto:
    nodes = [
        node("Conv", "x w b", "a", pads=[1, 1, 1, 1], strides=[2, 1]),
        node("Clip", "a low high", "c"),
        node("Pad", "c pads", "d"),
        node("Resize", "d - - sizes", "e", mode="linear"),
        node("AveragePool", "e", "f", kernel_shape=[2, 2], ceil_mode=1, auto_pad="NOTSET"),
        node("ConvTranspose", "f t", "g", output_padding=[1, 0], strides=[2, 2]),
        node("Concat", "g g", "h", axis=1),
        node("Slice", "h starts ends axes steps", "i"),
        node("Flatten", "i", "j"),
        node("Gemm", "j m", "y", transB=1, alpha=0.5),
    ]
    constants = {
        "w": values(4, 3, 3, 3),
        "b": values(4),
        "low": np.array(0, np.float32),
        "high": np.array(6, np.float32),
        "pads": np.array([0, 0, 1, 0, 0, 0, 0, 2], INTS),
        "sizes": np.array([1, 4, 9, 6], INTS),
        "t": values(4, 2, 2, 2),
        "starts": np.array([0, -1], INTS),
        "ends": np.array([4, -100], INTS),
        "axes": np.array([1, 2], INTS),
        "steps": np.array([2, -1], INTS),
        "m": values(5, 340),
    }
    shape = (1, 3, 8, 7)
    return build(nodes, {"x": shape}, "y", constants)


def _sequences() -> onnx.ModelProto:
    nodes = [
        node("LSTM", "x w r b - h", "s", hidden_size=4, direction="bidirectional"),
        node("Transpose", "s", "t", perm=[2, 0, 1, 3]),
        node("Shape", "t", "n"),
        node("Gather", "n zero", "g", axis=0),
        node("Concat", "g rest", "c", axis=0),
        node("Reshape", "t c", "u"),
        node("LayerNormalization", "u scale", "v"),
        node("Einsum", "v k", "q", equation="btf,fo->bto"),
        node("Softmax", "q", "z", axis=1),
        node("TopK", "z two", "y i", axis=-1),
    ]
    constants = {
        "w": values(2, 16, 3),
        "r": values(2, 16, 4),
        "b": values(2, 32),
        "h": values(2, 1, 4),
        "zero": np.array([0], INTS),
        "rest": np.array([-1, 8], INTS),
        "scale": values(8),
        "k": values(8, 5),
        "two": np.array([2], INTS),
    }
    return build(nodes, {"x": (6, 1, 3)}, "y i", constants)


def _types() -> onnx.ModelProto:
    """Half floats, integers without kernels, scales in blocks, volumes."""
    nodes = [
        node("Cast", "x", "a", to=onnx.TensorProto.DOUBLE),
        node("Mul", "a half", "b"),
        node("MaxPool", "b", "p", kernel_shape=[2, 1, 2], pads=[1, 0, 0, 0, 0, 1]),
        node("Cast", "p", "f", to=onnx.TensorProto.FLOAT),
        node("Reshape", "f shape", "c"),
        node("QuantizeLinear", "c s z", "q", axis=1, block_size=4),
        node("Max", "q nine", "m"),
        node("Pow", "m two", "n"),
        node("DequantizeLinear", "n s z", "d", axis=1, block_size=4),
        node("Cast", "d", "y", to=onnx.TensorProto.FLOAT16),
        node("TopK", "i k", "v w", axis=0),
    ]
    constants = {
        "half": np.array([0.5]),
        "shape": np.array([2, -1], INTS),
        "s": np.full((2, 12), 0.1, np.float32),
        "z": np.full((2, 12), 7, np.uint8),
        "nine": np.array([9], np.uint8),
        "two": np.array([2], np.int32),
        "k": np.array([2], INTS),
    }
    inputs = {"x": (1, 2, 3, 4, 4), "i": (3,)}
    return typed(build(nodes, inputs, "y v", constants, dtypes={"x": "float16", "i": "uint64"}, opset=21))


def _models() -> dict[str, onnx.ModelProto]:
    chosen = node("If", "c", "y", then_branch=test_onnx.branch("t", "Relu"), else_branch=test_onnx.branch("e", "Tanh"))
    return {
        "convolutions": _convolutions(),
        "sequences": _sequences(),
        "branches": build([chosen], {"x": (2, 3)}, "y", {"c": np.array(True)}),
        "functions": test_onnx.calling(test_onnx.function("f0", "f1", "Abs"), test_onnx.function("f1", "Relu", "Neg")),
        "quantized": test_onnx_quantization.convolution("uint8", 120, per_channel=True),
        "types": _types(),
        "spelled out": build([node("RMSNormalization", "x s", "y")], {"x": (2, 8)}, "y", {"s": values(8)}, opset=23),
    }


@pytest.mark.parametrize("name", _models())
def test_mutants(name: str) -> None:
    check_damaged(
        bytes(_models()[name].SerializeToString()),
        lambda mutant: import_onnx(mutant, "m.onnx"),
        MUTATIONS,
        MUTANTS_PER_MODEL,
        LIMITS,
    )
