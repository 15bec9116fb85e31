"""A fast estimate as text and as the JSON object that prediction.schema.json describes: always marked as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simref.pipelines.fast import FastPrediction
from simref.report.json import network_json, one_or_list
from simref.report.text import arena_line, comparison_table, count, header, layer_table, total_line


def fast_text(prediction: FastPrediction) -> str:
    """The whole report of one core."""
    p = prediction
    parts = [header(p), layer_table(p), total_line(p)]
    parts += [f"flash   weights {count(p.weights)} B; code and stack are known only when it is compiled and run"]
    parts += [arena_line(p.arena, p.peak), _estimate_line(p)]
    return "\n".join([*parts, *(f"note: {text}" for text in p.notes)])


def fast_comparison_text(predictions: Sequence[FastPrediction]) -> str:
    """One row per core, after the reports of several."""
    errors = [[f"{p.errors.median:.1%}", f"{p.errors.p95:.1%}"] for p in predictions]
    return comparison_table(predictions, ["median error", "95 % error"], errors)


def fast_json(predictions: Sequence[FastPrediction]) -> dict[str, Any]:
    """One object for one core; for several, an object that lists them."""
    return one_or_list([_object(p) for p in predictions])


def _estimate_line(p: FastPrediction) -> str:
    return (
        f"fast estimate, not emulated: median error {p.errors.median:.1%}, 95th percentile {p.errors.p95:.1%} "
        f"per layer, against the emulation of {p.errors.layers} other layers"
    )


def _object(p: FastPrediction) -> dict[str, Any]:
    common = network_json(p)
    unknown = ("code", "rodata", "data", "bss", "stack", "weights_in_ram", "flash_total", "ram_total")
    unpriced = ("cycles_low", "cycles_high", "stall_cycles", "energy_j")
    return common | {
        "method": "fast",
        "inputs": None,
        "exact": None,
        "errors": {"median": p.errors.median, "p95": p.errors.p95, "layers": p.errors.layers},
        "total": {**common["total"], **dict.fromkeys(unpriced)},
        "memory": {"arena": p.arena, "weights": p.weights, **dict.fromkeys(unknown), **common["memory"]},
        "layers": [{**layer, "stall_cycles": None} for layer in common["layers"]],
    }
