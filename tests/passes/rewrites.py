"""What the tests of rewrites of float graphs share: layers, and that a rewrite changes no bit or only rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simref.builder import GraphBuilder
from simref.check import check_graph
from simref.graph import Array, Graph
from simref.interpreter import run
from simref.ops import fully_connected
from simref.ops._activation import Activation
from simref.ops._convolution import ConvAttributes
from simref.ops.depthwise_conv_2d import Attributes as DepthwiseAttributes
from simref.ops.transpose_conv import Attributes as TransposeAttributes

Rewrite = Callable[[Graph], Graph]
NONE = Activation.NONE
WEIGHTED = ("CONV_2D", "CONV_2D grouped", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED")
CHANNELS = 4


def values(shape: Sequence[int], seed: int = 0) -> Array:
    """Elements around zero."""
    return np.random.default_rng(seed).standard_normal(tuple(shape)).astype(np.float32)


def image(builder: GraphBuilder, name: str = "x") -> int:
    """An input image of CHANNELS channels."""
    return builder.input(name, (1, 5, 6, CHANNELS))


def weighted(builder: GraphBuilder, kind: str, name: str, x: int, *, pad: int = 0, bias: bool = True) -> int:
    """A layer of that kind, from CHANNELS to CHANNELS channels but for DEPTHWISE_CONV_2D, which doubles them."""
    shape = {
        "CONV_2D": (CHANNELS, 3, 2, CHANNELS),
        "CONV_2D grouped": (CHANNELS, 3, 2, CHANNELS // 2),
        "DEPTHWISE_CONV_2D": (1, 2, 2, CHANNELS * 2),
        "TRANSPOSE_CONV": (CHANNELS, 3, 2, CHANNELS),
        "FULLY_CONNECTED": (CHANNELS, CHANNELS),
    }[kind]
    pads = (pad, pad, pad, pad)
    attributes = {
        "DEPTHWISE_CONV_2D": DepthwiseAttributes((1, 1), (1, 1), pads, 2, NONE),
        "TRANSPOSE_CONV": TransposeAttributes((11 - 2 * pad, 12 - 2 * pad), (2, 2), pads, NONE),
        "FULLY_CONNECTED": fully_connected.Attributes(True, NONE),
    }.get(kind, ConvAttributes((1, 1), (1, 1), pads, NONE))
    operands = [x, builder.constant(f"{name}/w", values(shape, len(builder.tensors)))]
    if bias:
        channels = shape[-1] if kind == "DEPTHWISE_CONV_2D" else shape[0]
        operands.append(builder.constant(f"{name}/b", values((channels,), len(builder.tensors))))
    return builder.layer(kind.split(maxsplit=1)[0], name, operands, attributes)


def ops_of(graph: Graph) -> list[str]:
    """The operators, in order."""
    return [node.op for node in graph.nodes]


def rewritten(rewrite: Rewrite, graph: Graph) -> Graph:
    """The rewritten graph, which is valid, has the same inputs and outputs, and does not change again."""
    found = rewrite(graph)
    check_graph(found)
    for before, after in ((graph.inputs, found.inputs), (graph.outputs, found.outputs)):
        assert [graph.tensors[i].name for i in before] == [found.tensors[i].name for i in after]
    assert rewrite(found).nodes == found.nodes
    return found


def samples_of(graph: Graph, count: int = 3) -> list[Array]:
    """Samples of all inputs: any integers, floats around zero."""
    tensors = [graph.tensors[index] for index in graph.inputs]
    rng = np.random.default_rng(1)
    return [
        values((count, *t.shape), seed) * 3
        if t.dtype == np.float32
        else rng.integers(-128, 128, (count, *t.shape)).astype(t.dtype)
        for seed, t in enumerate(tensors)
    ]


def check_same_bits(rewrite: Rewrite, graph: Graph) -> Graph:
    """The rewritten graph, whose outputs are the same in every bit, with fused sums and with separate ones."""
    found = rewritten(rewrite, graph)
    inputs = samples_of(graph)
    for fused in (False, True):
        expected = run(graph, inputs, engine="numpy", fused=fused)
        for y, other in zip(expected, run(found, inputs, engine="numpy", fused=fused), strict=True):
            np.testing.assert_array_equal(y.view(np.uint8), other.view(np.uint8))
    return found


def check_rounding_only(rewrite: Rewrite, graph: Graph) -> Graph:
    """The rewritten graph, whose outputs are the same but for rounding."""
    found = rewritten(rewrite, graph)
    inputs = samples_of(graph)
    for y, other in zip(run(graph, inputs, engine="numpy"), run(found, inputs, engine="numpy"), strict=True):
        np.testing.assert_allclose(other, y, rtol=1e-5, atol=1e-5 * float(np.abs(y).max()))
    return found
