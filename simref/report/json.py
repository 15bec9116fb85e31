"""A prediction as the JSON object that prediction.schema.json describes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from simref.pipelines.prediction import NetworkCost, Prediction

SCHEMA_ID = "simref/prediction/1"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `--json` prints; it ships with the package."""
    text = files("simref.report").joinpath("prediction.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def network_json(p: NetworkCost) -> dict[str, Any]:
    """What every prediction says, emulated or not, as plain values."""
    return {
        "schema": SCHEMA_ID,
        "model": {"path": p.model_path, "sha256": p.model_sha256, "format": p.model_format},
        "core": p.core,
        "board": p.board,
        "clock_hz": p.clock_hz,
        "toolchain": {"name": p.toolchain.name, "version": p.toolchain.version, "flags": list(p.toolchain.flags)},
        "total": {
            "macc": p.macc,
            "instructions": p.instructions,
            "cycles": p.cycles,
            "latency_s": p.latency_s,
            "cycles_per_macc": _ratio(p.cycles, p.macc),
        },
        "memory": {
            "peak": {
                "layer": p.peak.layer_index,
                "lower_bound": p.peak.lower_bound,
                "buffers": [{"tensors": list(names), "bytes": size} for names, size in p.peak.buffers],
            }
        },
        "layers": [_layer(p, k) for k in range(len(p.layers))],
        "notes": list(p.notes),
    }


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    """One prediction as plain values."""
    p, common = prediction, network_json(prediction)
    low, high = p.cycles_band or (None, None)
    stalls = {"cycles_low": low, "cycles_high": high, "stall_cycles": p.stall_cycles}
    energy = None if p.energy_j is None else dict(zip(("low", "usual", "high"), p.energy_j, strict=True))
    return common | {
        "method": "emulated",
        "inputs": {"source": p.input_source},
        "exact": _exact(p),
        "errors": None,
        "total": {**common["total"], **stalls, "energy_j": energy},
        "memory": {**_memory(p), **common["memory"]},
    }


def predictions_json(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """One object for one core; for several, an object that lists them."""
    return one_or_list([prediction_json(p) for p in predictions])


def one_or_list(objects: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The only object itself; several as the `predictions` of one object."""
    return objects[0] if len(objects) == 1 else {"schema": SCHEMA_ID, "predictions": list(objects)}


def _exact(p: Prediction) -> dict[str, Any]:
    return {
        "inputs": p.exact.inputs,
        "tensors": p.exact.tensors,
        "elements": p.exact.elements,
        "mismatches": p.exact.mismatches,
        "differences": [str(difference) for difference in p.exact.differences],
    }


def _memory(p: Prediction) -> dict[str, Any]:
    m = p.memory
    return {
        "arena": m.arena,
        "weights": m.weights,
        "code": m.code,
        "rodata": m.rodata,
        "data": m.data,
        "bss": m.bss,
        "stack": m.stack,
        "weights_in_ram": m.weights_in_ram,
        "flash_total": m.flash,
        "ram_total": m.ram,
    }


def _layer(p: NetworkCost, k: int) -> dict[str, Any]:
    layer = p.layers[k]
    return {
        "index": layer.index,
        "name": layer.name,
        "op": layer.op,
        "output_shape": list(layer.output_shape),
        "macc": layer.macc,
        "instructions": layer.instructions,
        "cycles": layer.cycles,
        "stall_cycles": layer.stall_cycles,
        "cycles_per_macc": _ratio(layer.cycles, layer.macc),
        "latency_s": layer.cycles / p.clock_hz,
        "share": _ratio(layer.cycles, p.cycles),
    }


def _ratio(a: int, b: int) -> float | None:
    return a / b if b else None
