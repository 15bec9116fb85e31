"""The repository's models run the instructions they ran before, layer by layer, and no element differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.toolchains import find_toolchain
from simref.errors import ToolchainError
from tests.golden import TOOLCHAINS, counts, golden_path, measure
from tests.models_present import ROOT, own_models


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
@pytest.mark.parametrize("model", own_models(), ids=lambda path: path.stem)
def test_counts_are_the_golden_ones(model: Path, toolchain: str) -> None:
    try:
        found = find_toolchain(toolchain)  # type: ignore[arg-type]
    except ToolchainError as error:
        pytest.skip(str(error))
    predictions = measure(model, toolchain)
    assert all(p.exact.mismatches == 0 for p in predictions)
    path = golden_path(found.name, found.version)
    if not path.is_file():
        pytest.skip(f"no golden counts for {found.name} {found.version}")
    golden = json.loads(path.read_text(encoding="utf-8"))
    changed = f"{path.relative_to(ROOT)} says otherwise: if the change is meant, run `make golden`"
    assert counts(predictions) == golden[model.name], changed
