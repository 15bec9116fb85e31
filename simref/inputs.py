"""What a network is fed: random values from a seed, or a user's file."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from simref.errors import UsageError
from simref.graph import Array, Graph, Tensor

MAX_FILE_BYTES = 1 << 31

# What NumPy, zipfile and zlib raise for damaged, encrypted or oddly compressed files.
_DAMAGE = (
    ArithmeticError,
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TokenError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, eq=False)
class InputData:
    """Input arrays by tensor index, each (samples, *tensor.shape) of the tensor's dtype.

    source: where they came from, for the report. notes: conversions that were made, one line each.
    """

    arrays: dict[int, Array]
    source: str
    notes: tuple[str, ...] = field(default=())

    @property
    def samples(self) -> int:
        """How many inferences the data holds."""
        return min((len(array) for array in self.arrays.values()), default=0)


def random_inputs(graph: Graph, samples: int, seed: int) -> InputData:
    """Uniform values: the whole range of an integer dtype, [0, 1) for floats, as the vendor's tool draws them.

    Raises UsageError for more samples than fit MAX_FILE_BYTES.
    """
    most = MAX_FILE_BYTES // max(sum(graph.tensors[index].nbytes for index in graph.inputs), 1)
    if samples > most:
        raise UsageError(f"samples is {samples}, must be at most {most}: the inputs of more would not fit")
    generator = np.random.default_rng(seed)
    arrays = {}
    for index in graph.inputs:
        tensor = graph.tensors[index]
        shape = (samples, *tensor.shape)
        if tensor.dtype.kind == "f":
            arrays[index] = generator.random(shape, np.float32).astype(tensor.dtype)
        elif tensor.dtype.kind == "b":
            arrays[index] = generator.integers(0, 2, shape).astype(np.bool_)
        else:
            info = np.iinfo(tensor.dtype)
            arrays[index] = generator.integers(info.min, info.max, shape, tensor.dtype, endpoint=True)
    return InputData(arrays, f"random, seed {seed}")


def read_inputs(path: Path, graph: Graph, samples: int | None = None) -> InputData:
    """Read .npz, .npy or .csv (one sample per row, all inputs' elements in order); at most `samples` samples.

    An .npz array belongs to the input of its name, else to the one input of its shape. Integers are the quantized
    values themselves; floating-point values (in .csv: any number with a point) for an integer input are reals, which
    are quantized with the input's scale, and a note says so. Raises UsageError in one line.
    """
    return fit_inputs(path, read_arrays(path), graph, samples)


def fit_inputs(path: Path, held: Mapping[str, Array], graph: Graph, samples: int | None = None) -> InputData:
    """The same from arrays that `read_arrays` read from `path`, or that were made for another network."""
    tensors = {index: graph.tensors[index] for index in graph.inputs}
    chosen = _assign(path, held, tensors)
    arrays, notes = {}, []
    for index, array in chosen.items():
        part = array[:samples] if samples is not None else array
        arrays[index], note = _converted(path, tensors[index], part)
        notes += note
    if len({len(array) for array in arrays.values()}) > 1:
        raise UsageError(f"{path}: the inputs hold different numbers of samples, must be equal")
    data = InputData(arrays, str(path), tuple(notes))
    if data.samples == 0:
        raise UsageError(f"{path}: holds no samples, must hold at least one")
    return data


def fit_labels(path: Path, held: Mapping[str, Array], samples: int | None = None) -> NDArray[np.int64] | None:
    """The classes of the samples: the integer array `y` of those read, or None without one. Raises UsageError."""
    labels = held.get("y")
    if labels is None:
        return None
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or (labels.size and labels.min() < 0):
        raise UsageError(
            f'{path}: array "y" is {labels.dtype} {labels.shape}, must be one class number for each sample'
        )
    return labels[:samples].astype(np.int64)


def read_arrays(path: Path) -> dict[str, Array]:
    """The arrays of a file by name; "" is that of a file which holds one. Raises UsageError in one line."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UsageError(f"{path}: is larger than {MAX_FILE_BYTES} bytes")
        return _parse(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
    except _DAMAGE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{path}: is no readable {path.suffix} file ({reason})") from error


def _parse(path: Path) -> dict[str, Array]:
    match path.suffix.lower():
        case ".npy":
            return {"": np.lib.format.open_memmap(path, mode="r")}
        case ".npz":
            _refuse_bombs(path)
            with np.load(path, allow_pickle=False) as archive:
                members = {name: archive[name] for name in archive.files}
            return {name: member for name, member in members.items() if isinstance(member, np.ndarray)}
        case ".csv":
            return {"": _parse_csv(path)}
        case suffix:
            raise UsageError(f'{path}: has the suffix "{suffix}", must be .npz, .npy or .csv')


def _parse_csv(path: Path) -> Array:
    """Whole numbers are quantized values; a table with any other number holds reals."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an empty file, which is refused for having no samples
        try:
            return np.loadtxt(path, np.int64, delimiter=",", ndmin=2, encoding="utf-8-sig")
        except ValueError:
            return np.loadtxt(path, np.float64, delimiter=",", ndmin=2, encoding="utf-8-sig")


def _refuse_bombs(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_FILE_BYTES:
        raise UsageError(f"{path}: unpacks to {unpacked} bytes, must be at most {MAX_FILE_BYTES}")


def _assign(path: Path, arrays: Mapping[str, Array], tensors: Mapping[int, Tensor]) -> dict[int, Array]:
    """Which array feeds which input: by name, else by shape; a flat table is cut into the inputs."""
    named = {index: arrays[tensor.name] for index, tensor in tensors.items() if tensor.name in arrays}
    if len(named) == len(tensors):
        return {index: _shaped(path, tensors[index], array) for index, array in named.items()}
    total = sum(tensor.elements for tensor in tensors.values())
    if len(arrays) == 1 and (table := next(iter(arrays.values()))).ndim == 2 and table.shape[1] == total:
        ends = np.cumsum([tensor.elements for tensor in tensors.values()])
        parts = np.split(table, ends[:-1], axis=1)
        return {index: part.reshape(-1, *tensors[index].shape) for index, part in zip(tensors, parts, strict=True)}
    return {index: _only_match(path, tensor, arrays) for index, tensor in tensors.items()}


def _only_match(path: Path, tensor: Tensor, arrays: Mapping[str, Array]) -> Array:
    fitting = [name for name, array in arrays.items() if _fits(tensor, array)]
    if len(fitting) != 1:
        held = ", ".join(f'"{name}" {array.shape}' if name else str(array.shape) for name, array in arrays.items())
        raise UsageError(
            f'{path}: holds {held or "no array"}; input "{tensor.name}" needs one array of that name '
            f"or of the shape (samples, {', '.join(map(str, tensor.shape))})"
        )
    return _shaped(path, tensor, arrays[fitting[0]])


def _fits(tensor: Tensor, array: Array) -> bool:
    without_batch = tensor.shape[1:] if tensor.shape[:1] == (1,) else tensor.shape
    return array.shape == tensor.shape or array.shape[1:] in (tensor.shape, without_batch)


def _shaped(path: Path, tensor: Tensor, array: Array) -> Array:
    if not _fits(tensor, array):
        raise UsageError(
            f'{path}: array for input "{tensor.name}" has shape {array.shape}, must be (samples, *{tensor.shape})'
        )
    return array.reshape(-1, *tensor.shape)


def _converted(path: Path, tensor: Tensor, array: Array) -> tuple[Array, list[str]]:
    """The array in the tensor's dtype, and a note where values were quantized."""
    if array.dtype == tensor.dtype:
        return np.ascontiguousarray(array), []
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise UsageError(f'{path}: values for input "{tensor.name}" must be finite numbers, found {array.dtype}')
    if tensor.dtype.kind == "f":
        return _as_float(path, tensor, array), []
    if array.dtype.kind != "f":
        return _in_range(path, tensor, array), []
    if tensor.quantization is None or tensor.per_channel:
        raise UsageError(f'{path}: input "{tensor.name}" is {tensor.dtype} without a scale, must be given as integers')
    info = np.iinfo(tensor.dtype)
    quantized = np.clip(np.rint(array / tensor.scale) + tensor.zero_point, info.min, info.max).astype(tensor.dtype)
    note = (
        f'input "{tensor.name}": real values were quantized with scale {tensor.scale:g}, zero point {tensor.zero_point}'
    )
    return quantized, [note]


def _as_float(path: Path, tensor: Tensor, array: Array) -> Array:
    with np.errstate(over="ignore"):
        values = array.astype(tensor.dtype)
    if not np.isfinite(values).all():
        largest = np.finfo(tensor.dtype).max
        raise UsageError(f'{path}: values for input "{tensor.name}" must be {tensor.dtype}, at most {largest:g}')
    return values


def _in_range(path: Path, tensor: Tensor, array: Array) -> Array:
    info = np.iinfo(tensor.dtype)
    if array.size and (array.min() < info.min or array.max() > info.max):
        raise UsageError(
            f'{path}: values for input "{tensor.name}" run from {array.min():g} to {array.max():g}, '
            f"must be {info.min} to {info.max}"
        )
    return array.astype(tensor.dtype)
