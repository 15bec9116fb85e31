"""An analysis as a table for a terminal and as JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from tabulate import tabulate

from simref.pipelines.analyze import Analysis, LayerAccount
from simref.report.text import arena_line, count, short


def analysis_text(a: Analysis) -> str:
    """The whole report."""
    parts = [f"{a.model_path}: {a.model_format}, compression {a.compression}\n", _table(a), _totals(a)]
    parts += [f"input   {port}" for port in a.inputs] + [f"output  {port}" for port in a.outputs]
    parts.append(arena_line(a.arena, a.peak))
    if a.removals:
        parts.append(_removals(a))
    return "\n".join([*parts, *(f"note: {text}" for text in a.notes)])


def _table(a: Analysis) -> str:
    rows = [
        [
            str(layer.index),
            short(layer.name),
            layer.op,
            "x".join(map(str, layer.output_shape)),
            count(layer.params) if layer.params or not layer.shared else "shared",
            count(layer.nbytes),
            _stored(layer),
            count(layer.macc),
            f"{layer.macc / a.macc:.1%}" if a.macc else "-",
        ]
        for layer in a.layers
    ]
    headers = ["#", "layer", "operator", "output", "params", "bytes", "stored", "MACC", "share"]
    alignment = ("right", "left", "left", "left", *["right"] * 5)
    return tabulate(rows, headers, disable_numparse=True, colalign=alignment) + "\n"


def _removals(a: Analysis) -> str:
    """Where channels went, and how many of them no input changes or nobody reads."""
    rows = [
        [
            *_head_and_name(removal.layer),
            _before_after(removal.inputs),
            _before_after(removal.outputs),
            count(removal.constant),
            count(removal.unread),
            _before_after(removal.macc),
        ]
        for removal in a.removals
    ]
    headers = ["channels removed at", "", "inputs", "outputs", "constant", "unread", "MACC"]
    table = tabulate(rows, headers, disable_numparse=True, colalign=("left", "left", *["right"] * 5))
    return f"\n{table}\n"


def _head_and_name(layer: str) -> tuple[str, str]:
    """`layer 3 CONV_2D` and the name, shortened."""
    head, _, name = layer.partition(' "')
    return head, short(name.removesuffix('"'))


def _before_after(pair: tuple[int, int]) -> str:
    return count(pair[0]) if pair[0] == pair[1] else f"{count(pair[0])} > {count(pair[1])}"


def _stored(layer: LayerAccount) -> str:
    return f"{count(layer.stored)}{f' lut{layer.bits}' if layer.bits else ''}"


def _totals(a: Analysis) -> str:
    lines = [f"params  {count(a.params)} items ({a.nbytes / 1024:.2f} KiB)"]
    saved = a.stored - a.float_nbytes
    share = f" / {saved:+,} ({saved / a.float_nbytes:+.1%}) vs float model" if saved and a.float_nbytes else ""
    lines += [f"weights {count(a.stored)} B ({a.stored / 1024:.2f} KiB){share}", f"MACC    {count(a.macc)}"]
    if (a.source_params, a.source_macc) != (a.params, a.macc):
        lines.append(f"file    {count(a.source_params)} params, {count(a.source_macc)} MACC before it was rewritten")
    return "\n".join(lines)


def analysis_json(a: Analysis) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "schema": "simref/analysis/1",
        "model": {"path": a.model_path, "sha256": a.model_sha256, "format": a.model_format},
        "compression": a.compression,
        "total": {"params": a.params, "bytes": a.nbytes, "weight_bytes": a.stored, "macc": a.macc},
        "file": {"params": a.source_params, "macc": a.source_macc},
        "arena": a.arena,
        "removed": [dataclasses.asdict(removal) for removal in a.removals],
        "layers": [
            {
                "index": layer.index,
                "name": layer.name,
                "operator": layer.op,
                "output_shape": list(layer.output_shape),
                "params": layer.params,
                "bytes": layer.nbytes,
                "weight_bytes": layer.stored,
                "codebook_bits": layer.bits,
                "macc": layer.macc,
            }
            for layer in a.layers
        ],
        "notes": list(a.notes),
    }
