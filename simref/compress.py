"""Compress the weights of dense layers to lut8 or lut4: codebooks of 256 or 16 values, the best ones by k-means."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simref.codebook import ENTRIES, Codebook, packed_bytes
from simref.errors import UnsupportedError, UsageError
from simref.graph import Array, Graph, Layer, Tensor

# Bits of an index by the vendor's words; by the targeted factor, 32 / bits. None: the weights stay as they are.
LEVELS: dict[str, int | None] = {"none": None, "lossless": None, "low": 8, "medium": 4, "high": 4, "4": 8, "8": 4}
DEFAULT_LEVEL = "lossless"

# Operators whose weights (input 1) may be compressed, and the channel axis of these.
CHANNEL_AXES = {"FULLY_CONNECTED": 0, "CONV_2D": 0, "DEPTHWISE_CONV_2D": 3}
DEFAULT_OPS = ("FULLY_CONNECTED",)
_WEIGHTS = 1

# A layer is compressed where this share of the targeted factor is reached. The vendor leaves 1,728 items in lut8 (2.5)
# and compresses 16,384 (3.8); its own threshold lies between.
ENOUGH = 0.75

_MAX_PLAN_BYTES = 1 << 20


@dataclass(frozen=True)
class Plan:
    """What to compress. level: a key of LEVELS, for every layer that `layers` does not name.

    layers: level by the layer's name. ops: operators whose layers are eligible, of CHANNEL_AXES. per_channel: each
        output channel has its own codebook, instead of one for all weights.
    """

    level: str = DEFAULT_LEVEL
    layers: Mapping[str, str] = field(default_factory=dict)
    ops: tuple[str, ...] = DEFAULT_OPS
    per_channel: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one weights tensor.

    layers: the layers that read it, each as "layer <index> <OP> "<name>"". tensor: its name. items: elements.
    nbytes, stored: bytes before and after. bits: 8 (lut8), 4 (lut4), or None where it stays as it is, for the reason
    given. mean_squared_error, worst_error: of the decoded weights, 0 where it stays.
    """

    layers: tuple[str, ...]
    tensor: str
    items: int
    nbytes: int
    stored: int
    bits: int | None = None
    reason: str | None = None
    mean_squared_error: float = 0.0
    worst_error: float = 0.0

    def __str__(self) -> str:
        who = " and ".join(self.layers)
        if self.bits is None:
            return f"{who}: not compressed: {self.reason}"
        error = f"weights off by {self.worst_error:.3g} at most, {self.mean_squared_error**0.5:.3g} rms"
        return f"{who}: compressed to lut{self.bits}, {self.nbytes:,} to {self.stored:,} B; {error}"


def cluster(weights: Array, entries: int, *, axis: int = 0, per_channel: bool = False) -> Codebook:
    """The codebook of `entries` (16 or 256) values with the smallest sum of squared errors.

    weights: float32 of any shape; `axis` is that of its channels. per_channel: one table for each channel. Values
    ascend. Where there are no more distinct values than entries, nothing is lost (but the sign of a zero) and the last
    value repeats. Raises ValueError for NaN and infinity.
    """
    if not np.isfinite(weights).all():
        raise ValueError("holds NaN or infinity")
    rows = np.moveaxis(weights, axis, 0)
    groups = rows.reshape(len(rows) if per_channel else 1, -1)
    clustered = [_table(group, entries) for group in groups]
    indices = np.stack([found for _, found in clustered]).reshape(rows.shape)
    values = np.stack([table for table, _ in clustered])
    return Codebook(values, np.ascontiguousarray(np.moveaxis(indices, 0, axis)), axis)


def _table(values: Array, entries: int) -> tuple[Array, Array]:
    """Table (entries,) and indices (values,) of one group."""
    from simref.kmeans import intervals

    distinct, position, counts = np.unique(values + np.float32(0), return_inverse=True, return_counts=True)
    if len(distinct) <= entries:
        return np.pad(distinct, (0, entries - len(distinct)), "edge"), position.astype(np.uint8)
    ends = np.concatenate([[0], np.cumsum(counts)])
    bounds, means = intervals(np.repeat(distinct, counts), ends, entries)
    of_distinct = np.repeat(np.arange(entries, dtype=np.uint8), np.diff(bounds))
    return means, of_distinct[position.reshape(-1)]


def read_plan(argument: str, *, ops: Sequence[str] = DEFAULT_OPS, per_channel: bool = False) -> Plan:
    """The plan of a level (a key of LEVELS), or of a JSON file {"layers": {"dense_2": {"factor": "high"}}}.

    ops, per_channel: as in Plan. Layers that a file does not name keep the default level. Raises UsageError for
    anything else, one line.
    """
    unknown = [op for op in ops if op not in CHANNEL_AXES]
    if unknown:
        raise UsageError(f"{unknown[0]} cannot be compressed, must be one of {', '.join(CHANNEL_AXES)}")
    if argument in LEVELS:
        return Plan(argument, ops=tuple(ops), per_channel=per_channel)
    if Path(argument).suffix != ".json":
        raise UsageError(f'compression is "{argument}", must be one of {", ".join(LEVELS)} or a .json file')
    return Plan(layers=_read_layers(Path(argument)), ops=tuple(ops), per_channel=per_channel)


def _read_layers(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_size > _MAX_PLAN_BYTES:
            raise UsageError(f"{path} is larger than {_MAX_PLAN_BYTES} bytes, must state levels of layers")
        content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_repetition)
        return {name: _level(name, entry) for name, entry in _only_key(content, "layers").items()}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f'{path} must hold {{"layers": {{"<layer>": {{"factor": "high"}}}}}}: {error}') from error


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = Counter(name for name, _ in pairs)
    for name, times in names.items():
        if times > 1:
            raise ValueError(f'"{name}" is stated more than once')
    return dict(pairs)


def _only_key(entry: Any, key: str) -> dict[str, Any]:
    """The object under the only key of an object."""
    value = _value(entry, key)
    if not isinstance(value, dict):
        raise ValueError(f'"{key}" is no object')
    return value


def _level(name: str, entry: Any) -> str:
    level = _value(entry, "factor")
    if isinstance(level, bool) or str(level) not in LEVELS:
        raise ValueError(f'the factor of "{name}" is {json.dumps(level)}, must be one of {", ".join(LEVELS)}')
    return str(level)


def _value(entry: Any, key: str) -> Any:
    if not isinstance(entry, dict) or list(entry) != [key]:
        raise ValueError(f'found {json.dumps(entry)[:60]}, must be an object whose only key is "{key}"')
    return entry[key]


def compress(graph: Graph, plan: Plan) -> tuple[Graph, tuple[Outcome, ...]]:
    """The graph with codebooks in the place of the weights that the plan names, and what became of each.

    Compressed tensors keep name, shape and dtype; `data` is what the codebook decodes to. A tensor that several layers
    read is compressed once, if all of them may be compressed alike. Raises UsageError where the plan names a layer that
    is not there or has no float32 weights, UnsupportedError for weights that are not finite.
    """
    _check_names(graph, plan)
    tensors = list(graph.tensors)
    outcomes = []
    for index, readers in _asked_for(graph, plan).items():
        tensors[index], outcome = _compressed(tensors[index], readers, plan)
        outcomes.append(outcome)
    return dataclasses.replace(graph, tensors=tuple(tensors)), tuple(outcomes)


def _check_names(graph: Graph, plan: Plan) -> None:
    names = {layer.name for layer in graph.layers}
    for name in plan.layers:
        if name not in names:
            able = [layer.name for layer in graph.layers if _has_weights(layer)]
            near = difflib.get_close_matches(name, able, n=3, cutoff=0.4) or able[:3]
            there = f"did you mean {' or '.join(json.dumps(other) for other in near)}?" if near else "none can be"
            raise UsageError(f'no layer "{name}" to compress; {there}')
    for layer in graph.layers:
        if layer.name in plan.layers and _bits(plan, layer) is not None and not _has_weights(layer):
            raise UsageError(f"{layer}: has no float32 weights to compress; leave it out of the layers to compress")


def _has_weights(layer: Layer) -> bool:
    weights = layer.optional_input(_WEIGHTS)
    return layer.op in CHANNEL_AXES and weights is not None and weights.is_constant and weights.dtype == np.float32


def _bits(plan: Plan, layer: Layer) -> int | None:
    return LEVELS[plan.layers.get(layer.name, plan.level)]


def _asked_for(graph: Graph, plan: Plan) -> dict[int, list[Layer]]:
    """The weights that some layer asks to compress, by tensor, each with all the layers that read it.

    A level for the whole network asks for the plan's operators alone; a layer that is named asks whatever it is.
    """
    asked = {
        node.inputs[_WEIGHTS]
        for node, layer in zip(graph.nodes, graph.layers, strict=True)
        if _has_weights(layer)
        and _bits(plan, layer) is not None
        and (layer.op in plan.ops or layer.name in plan.layers)
    }
    readers: dict[int, list[Layer]] = {}
    for node, layer in zip(graph.nodes, graph.layers, strict=True):
        for index in asked.intersection(node.inputs):
            if index is not None:
                readers.setdefault(index, []).append(layer)
    return readers


def _compressed(weights: Tensor, readers: Sequence[Layer], plan: Plan) -> tuple[Tensor, Outcome]:
    names = tuple(str(layer) for layer in readers)
    outcome = Outcome(names, weights.name, weights.elements, weights.nbytes, weights.nbytes)
    choice = _bits_and_axis(weights, readers, plan)
    if isinstance(choice, str):
        return weights, dataclasses.replace(outcome, reason=choice)
    bits, axis = choice
    original = readers[0].constant(_WEIGHTS)
    try:
        codebook = cluster(original, ENTRIES[bits], axis=axis, per_channel=plan.per_channel)
    except ValueError as error:
        raise UnsupportedError(f'{names[0]}: weights "{weights.name}" cannot be compressed: {error}') from error
    decoded = codebook.decode()
    lost = np.abs(decoded.astype(np.float64) - original)
    return dataclasses.replace(weights, data=decoded, codebook=codebook), dataclasses.replace(
        outcome,
        stored=codebook.nbytes,
        bits=bits,
        mean_squared_error=float(np.mean(lost**2)),
        worst_error=float(lost.max()),
    )


def _bits_and_axis(weights: Tensor, readers: Sequence[Layer], plan: Plan) -> tuple[int, int] | str:
    """The bits of an index and the channel axis, or why the weights stay as they are."""
    for layer in readers:
        if layer.op not in plan.ops or layer.input(_WEIGHTS) is not weights:
            return f"{layer} reads them, only weights of {', '.join(plan.ops)} are to be compressed (--compress-ops)"
    wanted = {(_bits(plan, layer), CHANNEL_AXES[layer.op]) for layer in readers}
    ((bits, axis), *others) = wanted
    if others or bits is None:
        return "the layers that read them ask for different levels"
    groups = weights.shape[axis] if plan.per_channel else 1
    gain = weights.nbytes / (groups * ENTRIES[bits] * 4 + packed_bytes(weights.elements, bits))
    enough = ENOUGH * 32 / bits
    return (
        f"its weights would shrink {gain:.1f} times, must shrink {enough:.0f} times or more"
        if gain < enough
        else (bits, axis)
    )
