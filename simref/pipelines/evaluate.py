"""How well a network does on labelled data, and what compression or quantization costs it, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simref.errors import UsageError
from simref.graph import Array, Graph, Layer
from simref.inputs import InputData, fit_inputs, fit_labels, random_inputs, read_arrays
from simref.metrics import Distance, DistanceSums, accuracy, confusion_matrix, labels_of, reals
from simref.pipelines.models import ModelSource, OpenModel, open_model
from simref.pipelines.predict import DEFAULT_SEED

RANDOM_SAMPLES = 100
_BATCH = 32


@dataclass(frozen=True)
class Classification:
    """accuracy: the share of right classes. confusion: (classes, classes) counts, a row for each label."""

    accuracy: float
    confusion: NDArray[np.int64]


@dataclass(frozen=True)
class LayerError:
    """How far a tensor of the judged network is from the original's, which the layer index, op, name writes."""

    index: int
    op: str
    name: str
    tensor: str
    distance: Distance


@dataclass(frozen=True)
class Evaluation:
    """Both networks on the same data. classes, compared_classes: None without labels.

    agreement: the share of samples for which both find one class. outputs: distance of each output. layers: of every
    computed tensor that both networks have by name, the largest relative error first. compared: None where there is
    nothing to compare with. nbytes: weight bytes of both.
    """

    model_path: str
    compared: str | None
    data: str
    samples: int
    classes: Classification | None
    compared_classes: Classification | None
    agreement: float | None
    outputs: tuple[LayerError, ...]
    layers: tuple[LayerError, ...]
    nbytes: tuple[int, int | None]
    notes: tuple[str, ...]


def evaluate(
    original: ModelSource, data: str | Path | None, compared: ModelSource | None = None, *, samples: int | None = None
) -> Evaluation:
    """Run a model, and the one it is compared with, on the samples of an .npz file; labels are its array `y`.

    data: None takes random samples, which have no labels.
    Raises SimrefError, one line: among others for networks whose outputs differ in number or size.
    """
    path = None if data is None else Path(data)
    first = open_model(original)
    second = None if compared is None else open_model(compared)
    held = None if path is None else _Data(path, read_arrays(path))
    labels = None if held is None else fit_labels(held.path, held.arrays, samples)
    judged = _Judgement(first, second, held, samples)
    judged.run()
    if labels is not None and len(labels) != judged.samples:
        raise UsageError(f"{path}: holds {len(labels)} labels for {judged.samples} samples, must be as many")
    return Evaluation(
        model_path=first.path,
        compared=None if second is None or compared is None else _title(second, compared),
        data=judged.source,
        samples=judged.samples,
        classes=_classification(labels, judged.found[0]),
        compared_classes=None if second is None else _classification(labels, judged.found[1]),
        agreement=None if second is None else accuracy(*judged.found),
        outputs=judged.outputs(),
        layers=judged.layers(),
        nbytes=(weight_bytes(first), None if second is None else weight_bytes(second)),
        notes=tuple(dict.fromkeys((*judged.notes, *(second.notes if second else ())))),
    )


def _title(model: OpenModel, source: ModelSource) -> str:
    level = "" if source.compression == "lossless" else f", compression {source.compression}"
    return f"{model.path}{level}"


def weight_bytes(model: OpenModel) -> int:
    """Bytes of the constants that are generated."""
    from simref.pipelines.analyze import account

    return sum(layer.stored for layer in account(model.optimized.accounted))


def _classification(labels: NDArray[np.int64] | None, found: NDArray[np.int64]) -> Classification | None:
    if labels is None:
        return None
    classes = int(max(labels.max(initial=0), found.max(initial=0))) + 1
    return Classification(accuracy(labels, found), confusion_matrix(labels, found, classes))


@dataclass(frozen=True, eq=False)
class _Data:
    """A file of samples, read once for both networks and their labels."""

    path: Path
    arrays: Mapping[str, Array]


class _Judgement:
    """Runs one or two networks on the same data in batches, and collects what is asked of them."""

    def __init__(self, first: OpenModel, second: OpenModel | None, data: _Data | None, samples: int | None) -> None:
        models = [model for model in (first, second) if model is not None]
        alike = second is None or share_names(first.optimized.accounted, second.optimized.accounted)
        # Two files name their layers differently and fuse them differently: what is generated is alike.
        graphs = [model.optimized.accounted if alike else model.graph for model in models]
        read = _inputs(graphs, data, samples)
        self._graphs, self._arrays = graphs, [inputs.arrays for inputs in read]
        self.notes = tuple(note for inputs in read for note in inputs.notes)
        self.samples, self.source = read[0].samples, read[0].source
        self._pairs = {} if second is None else _pairs(graphs[0], graphs[1], named_pairs if alike else aligned_pairs)
        self._sums = {pair: DistanceSums() for pair in self._pairs}
        self._labels: list[list[NDArray[np.int64]]] = [[] for _ in graphs]
        if second is not None:
            _check_outputs(*graphs)

    def run(self) -> None:
        """Every batch through every network."""
        for first in range(0, self.samples, _BATCH):
            runs = [self._run(k, slice(first, first + _BATCH)) for k in range(len(self._graphs))]
            for labels, graph, values in zip(self._labels, self._graphs, runs, strict=True):
                labels.append(labels_of(reals(graph.tensors[graph.outputs[0]], values[graph.outputs[0]])))
            for (a, b), sums in self._sums.items():
                pair = [reals(g.tensors[i], v[i]) for g, v, i in zip(self._graphs, runs, (a, b), strict=True)]
                sums.add(pair[0].reshape(pair[1].shape), pair[1])

    def _run(self, position: int, batch: slice) -> dict[int, Array]:
        from simref.interpreter import run_all

        graph = self._graphs[position]
        return run_all(graph, [self._arrays[position][index][batch] for index in graph.inputs], engine="numba")

    @property
    def found(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The classes that the first and the last network found, of each sample."""
        return np.concatenate(self._labels[0]), np.concatenate(self._labels[-1])

    def outputs(self) -> tuple[LayerError, ...]:
        """The distance of each output."""
        pairs = zip(self._graphs[0].outputs, self._graphs[-1].outputs, strict=False)
        return tuple(self._error(pair) for pair in pairs if pair in self._sums)

    def layers(self) -> tuple[LayerError, ...]:
        """The distance of each tensor that both have, the worst first."""
        return tuple(sorted(map(self._error, self._sums), key=lambda error: -error.distance.l2r))

    def _error(self, pair: tuple[int, int]) -> LayerError:
        layer, tensor = self._pairs[pair], self._graphs[0].tensors[pair[0]]
        return LayerError(layer.index, layer.op, layer.name, tensor.name, self._sums[pair].result())


def _inputs(graphs: Sequence[Graph], data: _Data | None, samples: int | None) -> list[InputData]:
    """What each network is fed: the samples of a file, or random ones of the first network."""
    if data is not None:
        return [fit_inputs(data.path, data.arrays, graph, samples) for graph in graphs]
    drawn = random_inputs(graphs[0], samples or RANDOM_SAMPLES, DEFAULT_SEED)
    arrays = {graphs[0].tensors[index].name: array for index, array in drawn.arrays.items()}
    return [drawn, *(fit_inputs(Path(drawn.source), arrays, graph) for graph in graphs[1:])]


def _check_outputs(first: Graph, second: Graph) -> None:
    sizes = [[graph.tensors[index].elements for index in graph.outputs] for graph in (first, second)]
    if sizes[0] != sizes[1]:
        raise UsageError(
            f"the outputs of {first.name} have {sizes[0]} elements, those of {second.name} {sizes[1]}: must be the same"
        )


Pairs = Iterable[tuple[int, int]]


def _pairs(first: Graph, second: Graph, find: Callable[[Graph, Graph], Pairs]) -> dict[tuple[int, int], Layer]:
    """Computed tensors to compare, the outputs among them; each pair with the first network's layer that writes it."""
    writers = {index: layer for layer, node in zip(first.layers, first.nodes, strict=True) for index in node.outputs}
    pairs = [*find(first, second), *zip(first.outputs, second.outputs, strict=False)]
    return {(a, b): writers[a] for a, b in pairs if first.tensors[a].elements == second.tensors[b].elements}


def share_names(first: Graph, second: Graph) -> bool:
    """True when at least half of the layers of the first network write a tensor of a name that the second has."""
    pairs = sum(1 for _ in named_pairs(first, second))
    return 2 * pairs >= len(first.nodes)


def named_pairs(first: Graph, second: Graph) -> Pairs:
    """Computed tensors of one name."""
    named = {second.tensors[index].name: index for index in _computed(second)}
    return ((i, named[name]) for i in _computed(first) if (name := first.tensors[i].name) in named)


def aligned_pairs(first: Graph, second: Graph) -> Pairs:
    """Outputs of layers that do the same: of one operator, clamp and output shape, in the order of both networks."""
    matcher = SequenceMatcher(a=list(map(_kind, first.layers)), b=list(map(_kind, second.layers)), autojunk=False)
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            yield first.nodes[block.a + k].outputs[0], second.nodes[block.b + k].outputs[0]


def _kind(layer: Layer) -> tuple[object, ...]:
    return layer.op, layer.output.shape, getattr(layer.attributes, "activation", None)


def _computed(graph: Graph) -> Iterator[int]:
    """Tensors of numbers that layers write."""
    return (i for node in graph.nodes for i in node.outputs if graph.tensors[i].dtype.kind in "fiu")
