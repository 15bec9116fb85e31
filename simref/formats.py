"""Which files are read, and what becomes of what is in them, told by the importers' own tables."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import Any

from simref.errors import UsageError
from simref.importers import MAX_FILE_BYTES, OTHER_FORMATS
from simref.ops import OPERATORS, operator
from simref.supported_ops import dtype_names, table_cell

TEMPLATE = Path(__file__).resolve().parent / "formats_template.md"


def names(file_format: str) -> dict[str, str]:
    """What a file of tflite, keras or onnx may hold, by name, and what becomes of it. Raises UsageError otherwise."""
    tables = {"tflite": _tflite, "keras": _keras, "onnx": _onnx}
    if file_format not in tables:
        raise UsageError(
            f'--format is "{file_format}", must be {", ".join(tables)}; torch files are read by way of onnx'
        )
    return tables[file_format]()


def describe(file_format: str, name: str | None = None) -> str:
    """One line for each name, or that of one; raises UsageError for a format or a name that is none."""
    found = names(file_format)
    if name is not None:
        found = {known: text for known, text in found.items() if known.lower() == name.lower()}
    if not found:
        raise UsageError(
            f"{name} is not read from {file_format} files. "
            f"See 'simref supported-ops --format {file_format}' for what is."
        )
    width = max(map(len, found))
    return "\n".join(f"{name:<{width}}  {text}" for name, text in found.items())


def document() -> str:
    """The Markdown page: the text of formats_template.md with the tables in their places."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, table in _tables().items():
        text = text.replace(f"<!-- {name} -->", table)
    return text


def _tables() -> dict[str, str]:
    from simref.importers.keras.activations import FUNCTIONS
    from simref.importers.keras.layers import REASONS
    from simref.importers.keras.operations import WRITERS
    from simref.importers.onnx.reader import OLDEST_OPSET, SPELLED_OUT
    from simref.importers.tflite.arithmetic import EVALUATED

    return {
        "largest file": f"{MAX_FILE_BYTES >> 20} MiB",
        "other formats": _bullets({f"`{suffix}`": text for suffix, text in OTHER_FORMATS.items()}),
        "tflite": _table("operator", "numbers", _tflite_operators()),
        "tflite rewritten": _table("operator", "becomes", _tflite_rewritten()),
        "tflite evaluated": _list(EVALUATED),
        "keras": _table("layer", "becomes", _keras()),
        "keras activations": _list(FUNCTIONS),
        "keras operations": _list(WRITERS),
        "keras refused": _bullets(REASONS),
        "onnx": _table("operator", "becomes", _onnx()),
        "onnx opset": str(OLDEST_OPSET),
        "onnx spelled out": _list(SPELLED_OUT),
    }


def _tflite() -> dict[str, str]:
    return dict(sorted({**_tflite_operators(), **_tflite_rewritten()}.items()))


def _tflite_rewritten() -> dict[str, str]:
    from simref.importers.tflite.loops import convert_loops
    from simref.importers.tflite.rewrites import REWRITES

    return _summaries({**REWRITES, "WHILE": convert_loops})


def _tflite_operators() -> dict[str, str]:
    bound = (op for op in map(operator, OPERATORS) if op.tflite is not None)
    return {op.name: dtype_names(op.dtypes) for op in bound}


def _keras() -> dict[str, str]:
    from simref.importers.keras.layers import TRANSLATORS

    return _summaries(TRANSLATORS)


def _onnx() -> dict[str, str]:
    from simref.importers.onnx import DOMAINS

    return {
        f"{domain}.{name}" if domain else name: text
        for domain, converters in DOMAINS.items()
        for name, text in _summaries(converters).items()
    }


def _summaries(functions: Mapping[str, Callable[..., Any]]) -> dict[str, str]:
    return {name: summary(function) for name, function in sorted(functions.items())}


def summary(function: Callable[..., Any]) -> str:
    """The first paragraph of an importer's function, `{op}` in it replaced by the operator the function is bound to."""
    bound = function.keywords if isinstance(function, partial) else {}
    text = inspect.getdoc(function.func if isinstance(function, partial) else function) or ""
    return " ".join(text.partition("\n\n")[0].split()).replace("{op}", bound.get("op", "")).rstrip(".")


def _table(first: str, second: str, rows: Mapping[str, str]) -> str:
    lines = (f"| {name} | {table_cell(text)} |" for name, text in rows.items())
    return "\n".join([f"| {first} | {second} |", "|---|---|", *lines])


def _list(words: Iterable[str]) -> str:
    return fill(", ".join(sorted(words)) + ".", width=120)


def _bullets(texts: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {text}" for name, text in texts.items())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
