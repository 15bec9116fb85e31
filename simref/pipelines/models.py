"""A model as the user names it: the file, what reading it needs, and how to compress it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from simref.compress import DEFAULT_LEVEL, Plan, read_plan
from simref.errors import UsageError
from simref.graph import Graph, Shape
from simref.optimize import Optimized, optimize

# Layers whose weights may be compressed, by the words of --compress-ops.
COMPRESSIBLE = {"dense": "FULLY_CONNECTED", "conv": "CONV_2D", "depthwise": "DEPTHWISE_CONV_2D"}
CODEBOOKS = ("tensor", "channel")


@dataclass(frozen=True)
class ModelSource:
    """Which model, and how to read and compress it.

    model: a file, or a graph at hand. weights: the weights file of a Keras architecture. input_shapes: by input name,
    where the file leaves dimensions open. compression: none, lossless, low, medium, high, or a JSON file of levels by
    layer. compress_ops: of COMPRESSIBLE. codebooks: one for each "tensor" or for each of its output "channel"s.
    """

    model: str | Path | Graph
    weights: str | Path | None = None
    input_shapes: Mapping[str, Shape] = field(default_factory=dict)
    compression: str = DEFAULT_LEVEL
    compress_ops: tuple[str, ...] = ("dense",)
    codebooks: str = "tensor"

    def plan(self) -> Plan:
        """What to compress. Raises UsageError for an unknown level, operator or kind of codebook, or a bad file."""
        unknown = [op for op in self.compress_ops if op not in COMPRESSIBLE]
        if unknown or not self.compress_ops:
            found = unknown[0] if unknown else ""
            raise UsageError(f'--compress-ops is "{found}", must be of {", ".join(COMPRESSIBLE)}')
        if self.codebooks not in CODEBOOKS:
            raise UsageError(f'--codebooks is "{self.codebooks}", must be one of {", ".join(CODEBOOKS)}')
        ops = tuple(COMPRESSIBLE[op] for op in self.compress_ops)
        return read_plan(self.compression, ops=ops, per_channel=self.codebooks == "channel")


AnyModel = str | Path | Graph | ModelSource
"""A file or a graph, read and compressed in the usual way, or as a ModelSource says."""


@dataclass(frozen=True, eq=False)
class OpenModel:
    """A model that was read, checked, rewritten and compressed.

    path: as given, or the graph's name. format: "tflite", "keras", "onnx", "torch" or "graph". source: the graph of the
    file, before anything was rewritten.
    """

    path: str
    format: str
    sha256: str
    source: Graph
    optimized: Optimized

    @property
    def graph(self) -> Graph:
        """The graph that is generated."""
        return self.optimized.graph

    @property
    def notes(self) -> tuple[str, ...]:
        """What was changed, one line each."""
        return (*self.source.notes, *self.optimized.notes)


def open_model(model: AnyModel) -> OpenModel:
    """Read, check, rewrite and compress a model. Raises SimrefError, one line."""
    from simref.importers import load_model

    source = model if isinstance(model, ModelSource) else ModelSource(model)
    plan = source.plan()
    if isinstance(source.model, Graph):
        graph = source.model
        return OpenModel(graph.name, "graph", content_hash(graph), graph, optimize(graph, plan))
    path = Path(source.model)
    weights = None if source.weights is None else Path(source.weights)
    loaded = load_model(path, weights=weights, input_shapes=source.input_shapes)
    return OpenModel(str(path), loaded.format, loaded.sha256, loaded.graph, optimize(loaded.graph, plan))


def content_hash(graph: Graph) -> str:
    """SHA-256 of a graph's layers and constants, in hexadecimal."""
    total = sha256(repr((graph.nodes, graph.inputs, graph.outputs)).encode())
    for tensor in graph.tensors:
        total.update(repr((tensor.name, tensor.shape, tensor.dtype)).encode())
        if tensor.data is not None:
            total.update(tensor.data.tobytes())
        if tensor.quantization is not None:
            total.update(tensor.quantization.scale.tobytes() + tensor.quantization.zero_point.tobytes())
    return total.hexdigest()
