"""The vendor's own reports, line by line, where they lie beside the repository: the same networks, the same figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simref.pipelines.analyze import Analysis, analyze
from simref.pipelines.models import ModelSource
from tests.models_present import SHARED

MODELS, SEEDS = SHARED / "models", SHARED / "seeds"
# A row of the table "C-Layers": c_id, name, id, layer type, macc, rom.
_ROW = re.compile(r"^(\d+) +(\w+) +(\d+) +([A-Z]\w+) +(\d+) +(\d+) +I: ", re.MULTILINE)


def analysis(model: str, compression: str) -> Analysis:
    path = MODELS / model
    if not path.is_file():
        pytest.skip(f"{model} is not beside the repository")
    return analyze(ModelSource(path, compression=compression))


def report(prefix: str) -> str:
    found: list[Path] = sorted(SEEDS.glob(f"{prefix}_*.txt")) if SEEDS.is_dir() else []
    if not found:
        pytest.skip("the vendor's reports are not beside the repository")
    return found[0].read_text(encoding="utf-8")


def test_the_float_network_with_a_compressed_dense_layer() -> None:
    found = analysis("cnn32_bn.h5", "high")
    assert (found.params, found.macc, found.stored) == (58_608, 10_564_896, 162_816)
    rows = [(int(macc), int(rom)) for _, _, _, _, macc, rom in _ROW.findall(report("000"))]
    assert len(rows) == 15
    assert [(layer.macc, layer.stored) for layer in found.layers if layer.op != "RESHAPE"] == rows
    # The vendor needs 143,468 bytes of activations.
    assert found.arena <= 143_468


def test_the_dense_network_of_the_manual() -> None:
    found = analysis("dnn_kws.h5", "low")
    assert (found.macc, found.stored, found.float_nbytes - found.stored) == (114_816, 123_792, 333_024)


def test_the_int8_network() -> None:
    found = analysis("lenet28_int8.tflite", "lossless")
    assert (found.params, found.nbytes, found.float_nbytes - found.nbytes) == (37_610, 38_096, 112_344)
    # The model's own 365,752 less its fused activations, as the vendor counts the C model.
    assert found.macc == 359_992
