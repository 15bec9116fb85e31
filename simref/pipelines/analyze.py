"""What a network needs by its layers alone: parameters, weight bytes, MACC, activations. Nothing runs."""

from __future__ import annotations

from dataclasses import dataclass

from simref.graph import Graph, Layer, Shape, Tensor
from simref.passes.remove_constant_channels import Removal
from simref.pipelines.models import ModelSource, open_model
from simref.pipelines.prediction import ArenaPeak, arena_peak


@dataclass(frozen=True)
class LayerAccount:
    """One layer. params: items of its constants. nbytes: their bytes in the model. stored: their bytes as generated,
    compressed or not. shared: a constant of it was counted at an earlier layer.
    """

    index: int
    name: str
    op: str
    output_shape: Shape
    params: int
    nbytes: int
    stored: int
    macc: int
    bits: int | None
    shared: bool


@dataclass(frozen=True)
class Analysis:
    """A network's account.

    source_params, source_macc: of the model as its file has it. float_nbytes: bytes of all parameters at 4 bytes each.
    arena, peak: the plan of the activations. removals: where channels were removed. notes: what else was changed, and
    what was not compressed and why, one line each.
    """

    model_path: str
    model_sha256: str
    model_format: str
    compression: str
    layers: tuple[LayerAccount, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    source_params: int
    source_macc: int
    arena: int
    peak: ArenaPeak
    removals: tuple[Removal, ...]
    notes: tuple[str, ...]

    @property
    def params(self) -> int:
        """Items of all constants, each counted once."""
        return sum(layer.params for layer in self.layers)

    @property
    def nbytes(self) -> int:
        """Bytes of the constants as the model stores them."""
        return sum(layer.nbytes for layer in self.layers)

    @property
    def stored(self) -> int:
        """Bytes of the constants as generated."""
        return sum(layer.stored for layer in self.layers)

    @property
    def float_nbytes(self) -> int:
        """Bytes of the constants at four bytes an item."""
        return 4 * self.params

    @property
    def macc(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macc for layer in self.layers)


def analyze(source: ModelSource) -> Analysis:
    """Account for every layer of a model; nothing is compiled or run. Raises SimrefError, one line."""
    from generator.emit import outline

    model = open_model(source)
    project = outline(model.graph)
    accounts = account(model.optimized.accounted)
    original = account(model.source)
    return Analysis(
        model_path=model.path,
        model_sha256=model.sha256,
        model_format=model.format,
        compression=source.compression,
        layers=accounts,
        inputs=tuple(_port(model.graph.tensors[index]) for index in model.graph.inputs),
        outputs=tuple(_port(model.graph.tensors[index]) for index in model.graph.outputs),
        source_params=sum(layer.params for layer in original),
        source_macc=sum(layer.macc for layer in original),
        arena=project.plan.arena,
        peak=arena_peak(model.graph, project.plan),
        removals=model.optimized.removals,
        notes=model.notes,
    )


def account(graph: Graph) -> tuple[LayerAccount, ...]:
    """One account per layer; a constant that several layers read is counted at the first."""
    counted: set[int] = set()
    accounts = []
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        constants = {i for i in node.inputs if i is not None and graph.tensors[i].is_constant}
        accounts.append(
            _account(layer, [graph.tensors[i] for i in sorted(constants - counted)], bool(constants & counted))
        )
        counted |= constants
    return tuple(accounts)


def _account(layer: Layer, constants: list[Tensor], shared: bool) -> LayerAccount:
    from simref.ops import operator

    bits = [tensor.codebook.bits for tensor in constants if tensor.codebook is not None]
    return LayerAccount(
        index=layer.index,
        name=layer.name,
        op=layer.op,
        output_shape=layer.output.shape,
        params=sum(tensor.elements for tensor in constants),
        nbytes=sum(tensor.nbytes for tensor in constants),
        stored=sum(tensor.nbytes if tensor.codebook is None else tensor.codebook.nbytes for tensor in constants),
        macc=operator(layer.op).macc(layer),
        bits=bits[0] if bits else None,
        shared=shared,
    )


def _port(tensor: Tensor) -> str:
    return f'"{tensor.name}" {tensor.dtype.name} {"x".join(map(str, tensor.shape))}, {tensor.nbytes:,} B'
