"""PyTorch modules and `.pt2` programs, where torch is installed; and what is refused without it."""

from __future__ import annotations

import io
import json
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simref
from simref.errors import ModelError, SimrefError, UnsupportedError, UsageError
from simref.importers.torch import import_torch

torch = pytest.importorskip("torch", reason="the extra simref[torch] is not installed")
pytest.importorskip("onnxscript", reason="the extra simref[torch] is not installed")


def network() -> Any:
    torch.manual_seed(0)
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 5)
    )


def example() -> Any:
    return torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("torch") / "m.pt2"
    torch.export.save(torch.export.export(network().eval(), (example(),)), path)
    return path.read_bytes()


def rewritten(
    program: bytes, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None
) -> bytes:
    """The archive with each member changed, or left out where the change is None."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(program)) as source, zipfile.ZipFile(copy, "w") as target:
        for member in source.infolist():
            content = change(member.filename, source.read(member))
            if content is not None:
                target.writestr(member.filename, content)
        for name, content in (extra or {}).items():
            target.writestr(name, content)
    return copy.getvalue()


def with_program(program: bytes, change: Callable[[Any], None]) -> bytes:
    """The archive with its program's JSON changed."""

    def edit(name: str, content: bytes) -> bytes:
        if not name.endswith("models/model.json"):
            return content
        stored = json.loads(content)
        change(stored)
        return json.dumps(stored).encode()

    return rewritten(program, edit)


def test_a_module_computes_what_torch_computes() -> None:
    module, x = network(), example()
    module[1].eval()
    modes = [part.training for part in module.modules()]
    graph = simref.from_torch(module, (x,))
    assert [part.training for part in module.modules()] == modes, "the module is left as it was"
    (found,) = simref.run(graph, x.numpy()[np.newaxis])
    with torch.no_grad():
        expected = module.eval()(x).numpy()
    assert np.linalg.norm(found[0] - expected) <= 1e-6 * np.linalg.norm(expected)


def test_a_module_that_torch_cannot_export_is_refused_in_one_line() -> None:
    class Branch(torch.nn.Module):  # type: ignore[misc,name-defined]
        def forward(self, x: Any) -> Any:
            return x if x.sum() > 0 else -x

    with pytest.raises(UnsupportedError, match=r"^net: torch cannot export it \([^\n]*\)$"):
        simref.from_torch(Branch(), (torch.rand(1, 4),), name="net")


def test_a_program_is_loaded_by_its_content(program: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.pt2"
    path.write_bytes(program)
    (found,) = simref.run(simref.load(path), example().numpy()[np.newaxis])
    with torch.no_grad():
        expected = network().eval()(example()).numpy()
    assert np.linalg.norm(found[0] - expected) <= 1e-6 * np.linalg.norm(expected)


def test_a_prediction_of_a_module() -> None:
    prediction = simref.predict(simref.from_torch(network(), (example(),), name="net"), core="cm4")
    assert prediction.exact.mismatches == 0
    assert (prediction.model_path, prediction.model_format) == ("net", "graph")


def test_nothing_in_an_archive_is_unpickled_or_evaluated(program: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (sys.exit, ("the pickle was executed",))

    def change(name: str, content: bytes) -> bytes:
        if name.endswith("sample_inputs/model.pt"):
            return pickle.dumps(Bomb())
        if name.endswith("models/model.json"):
            stored = json.loads(content)
            stored["guards_code"] = ["__import__('sys').exit('the guard was executed')"]
            return json.dumps(stored).encode()
        return content

    graph = import_torch(rewritten(program, change), "m.pt2")
    assert [layer.op for layer in graph.layers][-1] == "FULLY_CONNECTED"


def test_what_would_have_to_be_unpickled_is_refused(program: bytes) -> None:
    def pickled(name: str, content: bytes) -> bytes:
        if not name.endswith("model_weights_config.json"):
            return content
        stored = json.loads(content)
        next(iter(stored["config"].values()))["use_pickle"] = True
        return json.dumps(stored).encode()

    with pytest.raises(UnsupportedError, match="is pickled, must be stored as plain bytes"):
        import_torch(rewritten(program, pickled), "m.pt2")


def test_expressions_and_foreign_operators_are_refused(program: bytes) -> None:
    def symbolic(stored: Any) -> None:
        sizes = stored["graph_module"]["graph"]["tensor_values"]["input"]["sizes"]
        sizes[0] = {"as_expr": {"expr_str": "__import__('os').system('true')", "hint": None}}

    with pytest.raises(UnsupportedError, match="shapes are symbolic"):
        import_torch(with_program(program, symbolic), "m.pt2")

    def foreign(stored: Any) -> None:
        stored["graph_module"]["graph"]["nodes"][0]["target"] = "os.system"

    with pytest.raises(UnsupportedError, match=r'calls "os\.system"'):
        import_torch(with_program(program, foreign), "m.pt2")


def test_damaged_archives_are_told_in_one_line(program: bytes) -> None:
    rng = np.random.default_rng(3)
    for _ in range(12):
        damaged = bytearray(program)
        for _ in range(int(rng.integers(1, 20))):
            damaged[rng.integers(len(damaged))] = rng.integers(256)
        message = ""
        try:
            import_torch(bytes(damaged), "m.pt2")
        except SimrefError as error:
            message = str(error)
        assert "\n" not in message
    with pytest.raises(ModelError, match="no readable archive"):
        import_torch(program[: len(program) // 2], "m.pt2")
    with pytest.raises(ModelError, match="holds 0 programs"):
        import_torch(rewritten(program, lambda name, content: None if "model.json" in name else content), "m.pt2")


def test_torch_missing_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch, program: bytes) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(UsageError, match=r"needs? the package onnxscript.*pip install 'simref\[torch\]'"):
        import_torch(program, "m.pt2")
