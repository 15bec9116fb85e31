from __future__ import annotations

import json
from pathlib import Path

import pytest

from simref.cli import app
from simref.errors import UsageError
from simref.pipelines.analyze import analyze
from simref.pipelines.models import ModelSource
from simref.report.analysis import analysis_json, analysis_text
from tests.pipelines.float_models import CLASSES, DEPTH, HIDDEN, write_classifier


def test_a_network_is_accounted_by_layer(tmp_path: Path) -> None:
    model, _ = write_classifier(tmp_path)
    found = analyze(ModelSource(model))
    first, second, softmax = found.layers
    assert (first.params, first.nbytes) == (DEPTH * HIDDEN + HIDDEN, 4 * (DEPTH * HIDDEN + HIDDEN))
    # A ReLU in floats costs one per element, a softmax 15.
    assert first.macc == DEPTH * HIDDEN + HIDDEN + HIDDEN
    assert (second.params, second.macc) == (HIDDEN * CLASSES + CLASSES,) * 2
    assert (softmax.params, softmax.macc) == (0, 15 * CLASSES)
    assert found.stored == found.nbytes == found.float_nbytes
    assert found.arena >= 4 * (DEPTH + HIDDEN)


@pytest.mark.parametrize(("level", "bits", "bytes_of_tables"), [("low", 8, 1024), ("high", 4, 64)])
def test_compressed_weights_are_accounted_as_stored(
    tmp_path: Path, level: str, bits: int, bytes_of_tables: int
) -> None:
    model, _ = write_classifier(tmp_path)
    found = analyze(ModelSource(model, compression=level))
    first, second, _ = found.layers
    assert first.bits == bits
    assert first.stored == DEPTH * HIDDEN * bits // 8 + bytes_of_tables + 4 * HIDDEN
    assert found.stored == sum(layer.stored for layer in found.layers) < found.nbytes
    if level == "low":
        assert second.bits is None
        assert any("not compressed: its weights would shrink" in note for note in found.notes)
    text = analysis_text(found)
    assert f"lut{bits}" in text
    assert "vs float model" in text
    assert analysis_json(found)["total"]["weight_bytes"] == found.stored


def test_the_weights_of_the_generated_code_are_those_of_the_account(tmp_path: Path) -> None:
    from generator.emit import outline
    from simref.pipelines.models import open_model

    model, _ = write_classifier(tmp_path)
    for level in ("lossless", "low", "high"):
        source = ModelSource(model, compression=level)
        opened = open_model(source)
        assert outline(opened.graph).weight_bytes == analyze(source).stored


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, _ = write_classifier(tmp_path)
    plan = tmp_path / "plan.json"
    plan.write_text('{"layers": {"hidden": {"factor": "high"}}}', encoding="utf-8")
    app(["analyze", str(model), "-c", str(plan), "--json"], standalone_mode=False)
    layers = json.loads(capsys.readouterr().out)["layers"]
    assert [layer["codebook_bits"] for layer in layers] == [4, None, None]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"compression": "huge"}, "compression is"),
        ({"compress_ops": ("lstm",)}, "--compress-ops is"),
        ({"compress_ops": ()}, "--compress-ops is"),
        ({"codebooks": "layer"}, "--codebooks is"),
    ],
)
def test_options_that_mean_nothing(tmp_path: Path, options: dict[str, str], message: str) -> None:
    model, _ = write_classifier(tmp_path)
    with pytest.raises(UsageError, match=message):
        analyze(ModelSource(model, **options))  # type: ignore[arg-type]
