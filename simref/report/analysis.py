"""An analysis as a table for a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from simref.pipelines.analyze import Analysis, LayerAccount
from simref.report.text import arena_line, count, short


def analysis_text(a: Analysis) -> str:
    """The whole report."""
    parts = [f"{a.model_path}: {a.model_format}, compression {a.compression}\n", _table(a), _totals(a)]
    parts += [f"input   {port}" for port in a.inputs] + [f"output  {port}" for port in a.outputs]
    parts += [arena_line(a.arena, a.peak), *(f"note: {text}" for text in a.notes)]
    return "\n".join(parts)


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
