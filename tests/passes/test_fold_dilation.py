"""The folded convolution equals TFLite's chain of three in every element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.errors import UnsupportedError
from simref.importers.tflite import import_tflite
from simref.interpreter import run
from tests.build_tflite import SAME, VALID, OperatorSpec, TensorSpec, build_model
from tests.oracle import random_inputs, run_reference


@dataclass(frozen=True)
class Chain:
    """SPACE_TO_BATCH_ND -> (DEPTHWISE_)CONV_2D -> BATCH_TO_SPACE_ND over an image of 3 channels."""

    depthwise: bool = False
    block: tuple[int, int] = (2, 2)
    kernel: tuple[int, int] = (3, 3)
    size: tuple[int, int] = (8, 8)
    before: tuple[int, int] = (2, 2)
    after: tuple[int, int] = (2, 2)
    crops: tuple[int, int, int, int] = (0, 0, 0, 0)
    padding: int = VALID
    stride: int = 1
    gathered_block: tuple[int, int] | None = None
    scattered_scale: float = 0.5

    def padded(self) -> tuple[int, ...]:
        return tuple(b + n + a for b, n, a in zip(self.before, self.size, self.after, strict=True))

    def inner(self) -> tuple[int, ...]:
        """The convolution's output, per phase."""
        phases = (n // b for n, b in zip(self.padded(), self.block, strict=True))
        if self.padding == SAME:
            return tuple(-(-n // self.stride) for n in phases)
        return tuple((n - k) // self.stride + 1 for n, k in zip(phases, self.kernel, strict=True))

    def model(self) -> bytes:
        rng = np.random.default_rng(0)
        batch = self.block[0] * self.block[1]
        channels = 3 if self.depthwise else 2
        shape = (1, *self.kernel, 3) if self.depthwise else (2, *self.kernel, 3)
        phase = tuple(n // b for n, b in zip(self.padded(), self.block, strict=True))
        top, bottom, left, right = self.crops
        rows, columns = (n * b for n, b in zip(self.inner(), self.block, strict=True))
        paddings = [[b, a] for b, a in zip(self.before, self.after, strict=True)]
        tensors = [
            TensorSpec("x", (1, *self.size, 3), scale=0.5, zero_point=-7),
            TensorSpec("block", (2,), "int32", data=self.block),
            TensorSpec("other", (2,), "int32", data=self.gathered_block or self.block),
            TensorSpec("paddings", (2, 2), "int32", data=paddings),
            TensorSpec("crops", (2, 2), "int32", data=[[top, bottom], [left, right]]),
            TensorSpec("phases", (batch, *phase, 3), scale=self.scattered_scale, zero_point=-7),
            TensorSpec("w", shape, scale=0.02, data=rng.integers(-127, 128, shape)),
            TensorSpec("b", (channels,), "int32", scale=0.01, data=rng.integers(-999, 999, channels)),
            TensorSpec("convolved", (batch, *self.inner(), channels), scale=1.0, zero_point=3),
            TensorSpec("y", (1, rows - top - bottom, columns - left - right, channels), scale=1.0, zero_point=3),
        ]
        options: dict[str, Any] = {"padding": self.padding, "strideH": self.stride, "strideW": self.stride}
        if self.depthwise:
            options["depthMultiplier"] = 1
        operators = [
            OperatorSpec("SPACE_TO_BATCH_ND", ["x", "block", "paddings"], ["phases"]),
            OperatorSpec(
                "DEPTHWISE_CONV_2D" if self.depthwise else "CONV_2D", ["phases", "w", "b"], ["convolved"], options
            ),
            OperatorSpec("BATCH_TO_SPACE_ND", ["convolved", "other", "crops"], ["y"]),
        ]
        return build_model(tensors, operators, ["x"], ["y"])


def _equals_tflite(model: bytes, ops: list[str]) -> None:
    graph = import_tflite(model)
    assert [node.op for node in graph.nodes] == ops
    inputs = random_inputs(model, samples=3)
    expected = run_reference(model, inputs)
    (actual,) = run(graph, inputs)
    np.testing.assert_array_equal(actual, expected[graph.tensors[graph.outputs[0]].name])


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    block = draw(st.tuples(*[st.integers(1, 3)] * 2))
    kernel = draw(st.tuples(*[st.integers(1, 3)] * 2))
    padding = draw(st.sampled_from([SAME, VALID]))
    before = draw(st.tuples(*[st.integers(0, 4)] * 2))
    # The padded image holds whole blocks, enough for the kernel and one more row than is cropped.
    phases = [k + draw(st.integers(1, 3)) for k in kernel]
    after = draw(st.tuples(*[st.integers(0, 3)] * 2))
    size = [max(1, n * b - p - a) for n, b, p, a in zip(phases, block, before, after, strict=True)]
    after = tuple(-(-(p + n + a) // b) * b - p - n for n, b, p, a in zip(size, block, before, after, strict=True))
    crops = draw(st.tuples(*[st.integers(0, min(1, pad)) for pad in (before[0], after[0], before[1], after[1])]))
    return Chain(draw(st.booleans()), block, kernel, tuple(size), before, after, crops, padding)


@settings(max_examples=40, deadline=None)
@given(chains())
def test_equals_tflite(chain: Chain) -> None:
    _equals_tflite(chain.model(), ["DEPTHWISE_CONV_2D" if chain.depthwise else "CONV_2D"])


def _sequence_model(*, column: bool, stored_batch: int) -> bytes:
    """A dilated Conv1D as the converter leaves it; with an open batch it stores 1 for all batches in between."""
    rng = np.random.default_rng(1)
    kernel = (4, 3, 1, 5) if column else (4, 1, 3, 5)

    def image(length: int, channels: int) -> tuple[int, ...]:
        return (stored_batch, length, 1, channels) if column else (stored_batch, 1, length, channels)

    tensors = [
        TensorSpec("x", (1, 7, 5), scale=0.5, zero_point=4),
        TensorSpec("block", (1,), "int32", data=[2]),
        TensorSpec("paddings", (1, 2), "int32", data=[[2, 3]]),
        TensorSpec("crops", (1, 2), "int32", data=[[0, 1]]),
        TensorSpec("phases", (stored_batch, 6, 5), scale=0.5, zero_point=4),
        TensorSpec("axis", (), "int32", data=2 if column else 1),
        TensorSpec("image", image(6, 5), scale=0.5, zero_point=4),
        TensorSpec("w", kernel, scale=[0.01, 0.02, 0.03, 0.04], data=rng.integers(-127, 128, kernel)),
        TensorSpec("b", (4,), "int32", scale=[0.005, 0.01, 0.015, 0.02], data=rng.integers(-999, 999, 4)),
        TensorSpec("convolved", image(4, 4), scale=1.0, zero_point=-2),
        TensorSpec("to", (3,), "int32", data=[-1, 4, 4]),
        TensorSpec("sequence", (stored_batch, 4, 4), scale=1.0, zero_point=-2),
        TensorSpec("y", (1, 7, 4), scale=1.0, zero_point=-2),
    ]
    options = {"padding": VALID, "strideH": 1, "strideW": 1}
    operators = [
        OperatorSpec("SPACE_TO_BATCH_ND", ["x", "block", "paddings"], ["phases"]),
        OperatorSpec("EXPAND_DIMS", ["phases", "axis"], ["image"]),
        OperatorSpec("CONV_2D", ["image", "w", "b"], ["convolved"], options),
        OperatorSpec("RESHAPE", ["convolved", "to"], ["sequence"]),
        OperatorSpec("BATCH_TO_SPACE_ND", ["sequence", "block", "crops"], ["y"]),
    ]
    return build_model(tensors, operators, ["x"], ["y"])


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("stored_batch", [1, 2])
def test_sequences_equal_tflite(column: bool, stored_batch: int) -> None:
    _equals_tflite(_sequence_model(column=column, stored_batch=stored_batch), ["RESHAPE", "CONV_2D", "RESHAPE"])


REFUSALS = {
    "must be the same and positive": Chain(gathered_block=(1, 2)),
    "must be (1, 1)": Chain(stride=2),
    "must crop padding only": Chain(before=(0, 0), after=(0, 0), crops=(1, 1, 0, 0)),
    "differ in scale, zero point or dtype": Chain(scattered_scale=0.25),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_refuses(reason: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        import_tflite(REFUSALS[reason].model())
    assert reason in str(caught.value)
    assert 'BATCH_TO_SPACE_ND "y"' in str(caught.value)


def test_refuses_one_without_the_other() -> None:
    tensors = [
        TensorSpec("x", (1, 4, 4, 1), scale=1.0),
        TensorSpec("block", (2,), "int32", data=[2, 2]),
        TensorSpec("zeros", (2, 2), "int32", data=np.zeros((2, 2))),
        TensorSpec("y", (4, 2, 2, 1), scale=1.0),
        TensorSpec("z", (1, 4, 4, 1), scale=1.0),
    ]
    scatter = OperatorSpec("SPACE_TO_BATCH_ND", ["x", "block", "zeros"], ["y"])
    gather = OperatorSpec("BATCH_TO_SPACE_ND", ["y", "block", "zeros"], ["z"])
    with pytest.raises(UnsupportedError, match='SPACE_TO_BATCH_ND "y": its output goes elsewhere too, must only start'):
        import_tflite(build_model(tensors, [scatter], ["x"], ["y"]))
    with pytest.raises(UnsupportedError, match='BATCH_TO_SPACE_ND "z": it follows layer 0 SPACE_TO_BATCH_ND "y"'):
        import_tflite(build_model(tensors, [scatter, gather], ["x"], ["z"]))
