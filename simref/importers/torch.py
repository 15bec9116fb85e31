"""PyTorch modules and `.pt2` files to graphs, through torch's own ONNX exporter (extra `simref[torch]`).

A `.pt2` archive can hold pickles and Python text that torch would run: sample inputs, pickled tensors, guards, symbolic
expressions. Nothing of that reaches torch: the archive is copied without it, and refused where the program needs it.
"""

from __future__ import annotations

import io
import json
import logging
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from simref.errors import ModelError, UnsupportedError, UsageError
from simref.graph import Graph, Shape
from simref.importers.onnx import import_onnx

if TYPE_CHECKING:
    import torch

MAX_ARCHIVE_BYTES = 1 << 29
_PROGRAM = "models/model.json"
_SAMPLES = "data/sample_inputs/model.pt"
_OPERATORS = re.compile(r"torch\.ops\.(aten|prims)\.[\w.]+|_operator\.\w+|math\.\w+")


def from_torch(module: torch.nn.Module, example_inputs: Sequence[torch.Tensor], *, name: str = "model") -> Graph:
    """The graph of a module, exported for inputs of exactly these shapes, in evaluation mode.

    Raises UsageError where torch or its exporter is missing, UnsupportedError for a module that torch cannot export and
    for operators that are not supported.
    """
    torch = _torch()
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with _quiet(), torch.no_grad():
            return _import(_program(module, tuple(example_inputs), name), name, {})
    finally:
        for part, training in modes:
            part.training = training


def _program(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], name: str) -> Any:
    try:
        return _torch().export.export(module, inputs)
    except Exception as error:  # torch raises whatever the module's code meets
        raise UnsupportedError(f"{name}: torch cannot export it ({_line(error)})") from error


def import_torch(data: bytes, name: str = "model", *, input_shapes: Mapping[str, Shape] | None = None) -> Graph:
    """The graph of a `.pt2` file's content. Raises ModelError, UnsupportedError or UsageError, each one line."""
    archive = _without_code(data, name)
    torch = _torch()
    with _quiet():
        try:
            program = torch.export.load(archive)
            program._example_inputs = _zeros(program), {}
        except Exception as error:  # torch raises whatever its parsers meet
            raise ModelError(f"{name}: is no program that torch {torch.__version__} reads ({_line(error)})") from error
        return _import(program, name, input_shapes or {})


def _import(program: Any, name: str, input_shapes: Mapping[str, Shape]) -> Graph:
    torch = _torch()
    try:
        exported = torch.onnx.export(program, (), dynamo=True, verbose=False)
        content = exported.model_proto.SerializeToString()
    except Exception as error:  # the exporter raises whatever it meets
        raise UnsupportedError(f"{name}: torch cannot export it to ONNX ({_line(error)})") from error
    return import_onnx(content, name, input_shapes=input_shapes)


def _torch() -> Any:
    try:
        import onnxscript  # noqa: F401  (torch's exporter needs it)
        import torch
        import torch.export
        import torch.onnx
    except ImportError as error:
        raise UsageError(
            f"PyTorch models need the package {error.name}, which is not installed: pip install 'simref[torch]'"
        ) from error
    return torch


def _without_code(data: bytes, name: str) -> io.BytesIO:
    """A copy of the archive with all that torch would unpickle or evaluate left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            members = _members(source, name)
            prefix = _prefix(source, name)
            copy = io.BytesIO()
            with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
                for member in members:
                    inner = member.filename.removeprefix(prefix)
                    if inner != _SAMPLES:
                        target.writestr(member.filename, _checked(inner, source.read(member), name))
                target.writestr(prefix + _SAMPLES, _empty_samples())
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, KeyError) as error:
        raise ModelError(f"{name}: is no readable archive of torch.export ({_line(error)})") from error
    copy.seek(0)
    return copy


def _members(source: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    members = source.infolist()
    total = sum(member.file_size for member in members)
    if total > MAX_ARCHIVE_BYTES:
        raise ModelError(f"{name}: unpacks to {total} bytes, must be at most {MAX_ARCHIVE_BYTES}")
    if len({member.filename for member in members}) != len(members):
        raise ModelError(f"{name}: holds two members of one name")
    return members


def _prefix(source: zipfile.ZipFile, name: str) -> str:
    """The archive's own folder, in which every member lies."""
    programs = [member for member in source.namelist() if member.endswith("/" + _PROGRAM)]
    if len(programs) != 1:
        raise ModelError(
            f"{name}: holds {len(programs)} programs {_PROGRAM}, must hold one written by torch.export.save"
        )
    return programs[0].removesuffix(_PROGRAM)


def _checked(inner: str, content: bytes, name: str) -> bytes:
    """A member's content, safe to hand to torch; raises UnsupportedError where it is not."""
    if inner == _PROGRAM:
        program = json.loads(content)
        program["guards_code"] = []
        _check_program(program, name)
        return json.dumps(program).encode()
    if inner.endswith("_config.json"):
        for entry in json.loads(content)["config"].values():
            if entry.get("use_pickle"):
                raise UnsupportedError(
                    f'{name}: "{entry["path_name"]}" is pickled, must be stored as plain bytes. Save plain tensors.'
                )
    return content


def _check_program(program: Any, name: str) -> None:
    """Only operators of ATen, and no expressions: torch evaluates the text of symbolic sizes."""
    for value in _objects(program):
        target = value.get("target")
        if isinstance(target, str) and "inputs" in value and not _OPERATORS.fullmatch(target):
            raise UnsupportedError(f'{name}: it calls "{target[:80]}", must call operators of ATen only')
        if "as_expr" in value or "expr_str" in value:
            raise UnsupportedError(f"{name}: its shapes are symbolic. Export it with static shapes.")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object within a value."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _zeros(program: Any) -> tuple[Any, ...]:
    """Inputs of the shapes that the program is for: its exporter calls it once, whatever the values."""
    torch = _torch()
    inputs = set(program.graph_signature.user_inputs)
    nodes = [node for node in program.graph.nodes if node.op == "placeholder" and node.name in inputs]
    values = [node.meta["val"] for node in nodes]
    return tuple(torch.zeros(tuple(value.shape), dtype=value.dtype) for value in values)


def _empty_samples() -> bytes:
    content = io.BytesIO()
    _torch().save(((), {}), content)
    return content.getvalue()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter logs: what it leaves out is refused later, by name, and what it raises is an error."""
    loggers = [logging.getLogger(name) for name in ("torch", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _line(error: Exception) -> str:
    while error.__cause__ is not None and isinstance(error.__cause__, Exception):
        error = error.__cause__
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}"
