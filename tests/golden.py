"""Golden instruction counts: per layer, of the repository's models, per core and toolchain version.

`python -m tests.golden --write` (make golden) rewrites the files of the toolchains found here; a changed count is a
diff that a person reads.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from costmodel.core import core_names
from simref.errors import ToolchainError
from simref.pipelines.models import ModelSource
from simref.pipelines.predict import predict_core, prepare
from simref.pipelines.prediction import Prediction
from tests.models_present import ROOT, own_models

FOLDER = ROOT / "traces" / "golden"
TOOLCHAINS = ("gcc", "zig")


def golden_path(toolchain_name: str, version: str) -> Path:
    """E.g. traces/golden/arm-none-eabi-gcc-12.2.1.json."""
    return FOLDER / f"{toolchain_name.replace(' ', '-')}-{version}.json"


def measure(model: Path, toolchain: str) -> list[Prediction]:
    """The model as its file has it, on every core, on one random input."""
    prepared = prepare(ModelSource(model, compression="none"), samples=1)
    return [predict_core(prepared, core=core, toolchain=toolchain) for core in core_names()]


def counts(predictions: list[Prediction]) -> dict[str, Any]:
    """What the golden file keeps of one model: instructions per layer and core."""
    return {
        p.core: {
            "instructions": p.instructions,
            "layers": {f"{layer.index} {layer.op}": layer.instructions for layer in p.layers},
        }
        for p in predictions
    }


def write() -> None:
    """Write the golden files of every toolchain that is installed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for toolchain in TOOLCHAINS:
        try:
            measured = {model.name: measure(model, toolchain) for model in own_models()}
        except ToolchainError as error:
            print(f"skipped: {error}")
            continue
        used = next(iter(measured.values()))[0].toolchain
        table = {name: counts(predictions) for name, predictions in measured.items()}
        path = golden_path(used.name, used.version)
        path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="rewrite the golden files")
    parser.parse_args()
    write()
