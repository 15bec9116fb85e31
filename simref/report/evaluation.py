"""An evaluation as tables for a terminal and as JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from tabulate import tabulate

from simref.pipelines.evaluate import Classification, Evaluation, LayerError
from simref.report.text import count, short

_MATRIX_CLASSES = 20  # the widest confusion matrix that is printed
_SHOWN = 12


def evaluation_text(e: Evaluation, *, all_layers: bool = False) -> str:
    """The whole report; of many layers the worst ones, or all of them."""
    parts = [f"{e.model_path}: {count(e.samples)} samples ({e.data})\n", _summary(e)]
    if e.classes is not None:
        parts.append(_matrix(e.compared_classes or e.classes, e.compared or e.model_path))
    if e.compared is not None:
        parts.append(_errors("output", e.outputs, e.outputs))
        shown = e.layers if all_layers else e.layers[:_SHOWN]
        parts.append(_errors("layer, worst first", shown, e.layers))
    return "\n".join([*parts, *(f"note: {text}" for text in e.notes)])


def _summary(e: Evaluation) -> str:
    rows = [["original", e.model_path, count(e.nbytes[0]), _accuracy(e.classes)]]
    if e.compared is not None:
        rows.append(["compared", e.compared, count(e.nbytes[1] or 0), _accuracy(e.compared_classes)])
    table = tabulate(rows, ["", "network", "weight B", "accuracy"], disable_numparse=True, colalign=_right_after(2, 4))
    same = "" if e.agreement is None else f"\nagree   both find the same class for {e.agreement:.2%} of the samples"
    return f"{table}{same}\n"


def _accuracy(classes: Classification | None) -> str:
    return "no labels" if classes is None else f"{classes.accuracy:.2%}"


def _matrix(classes: Classification, title: str) -> str:
    matrix = classes.confusion
    if len(matrix) > _MATRIX_CLASSES:
        return f"confusion matrix: {len(matrix)} classes, see --json\n"
    rows = [[str(label), *(str(n) if n else "." for n in row)] for label, row in enumerate(matrix.tolist())]
    headers = ["label", *map(str, range(len(matrix)))]
    table = tabulate(rows, headers, disable_numparse=True, colalign=["right"] * len(headers))
    return f"found by {title}:\n{table}\n"


def _errors(title: str, shown: Sequence[LayerError], every: Sequence[LayerError]) -> str:
    rows = [
        [
            str(e.index),
            short(e.name),
            e.op,
            f"{d.l2r:.3g}",
            f"{d.rmse:.3g}",
            f"{d.mae:.3g}",
            f"{d.largest:.3g}",
            f"{d.cos:.6f}",
            _db(d.snr),
        ]
        for e in shown
        for d in [e.distance]
    ]
    headers = ["#", title, "operator", "l2r", "rmse", "mae", "largest", "cos", "snr dB"]
    table = tabulate(rows, headers, disable_numparse=True, colalign=("right", *_right_after(2, len(headers) - 1)))
    more = len(every) - len(shown)
    return f"{table}\n" + (f"and {more} layers with smaller errors (--all shows them)\n" if more > 0 else "")


def _db(value: float) -> str:
    return "equal" if value == math.inf else f"{value:.1f}"


def _right_after(left: int, columns: int) -> list[str]:
    return ["left"] * left + ["right"] * (columns - left)


def evaluation_json(e: Evaluation) -> dict[str, Any]:
    """The same as plain values; infinite ratios are null."""
    return {
        "schema": "simref/evaluation/1",
        "model": e.model_path,
        "compared": e.compared,
        "data": e.data,
        "samples": e.samples,
        "original": _network_json(e.classes, e.nbytes[0]),
        "judged": None if e.compared is None else _network_json(e.compared_classes, e.nbytes[1]),
        "agreement": e.agreement,
        "outputs": [_error_json(error) for error in e.outputs],
        "layers": [_error_json(error) for error in e.layers],
        "notes": list(e.notes),
    }


def _network_json(classes: Classification | None, nbytes: int | None) -> dict[str, Any]:
    known = {"accuracy": None, "confusion": None}
    if classes is not None:
        return {"weight_bytes": nbytes, "accuracy": classes.accuracy, "confusion": classes.confusion.tolist()}
    return {"weight_bytes": nbytes, **known}


def _error_json(error: LayerError) -> dict[str, Any]:
    values = {k: v if math.isfinite(v) else None for k, v in dataclasses.asdict(error.distance).items()}
    return {"index": error.index, "operator": error.op, "name": error.name, "tensor": error.tensor, **values}
