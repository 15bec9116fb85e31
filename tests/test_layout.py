"""The import rule: simref's meaning needs neither package, generator never costmodel, costmodel neither of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
JOINERS = ("simref/cli.py", "simref/pipelines/", "simref/report/")


def imported_packages(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("simref", {"generator", "costmodel", "unicorn", "capstone", "elftools"}),
        ("generator", {"costmodel", "unicorn", "capstone"}),
        ("costmodel", {"simref", "generator"}),
    ],
)
def test_packages_import_only_what_they_may(package: str, forbidden: set[str]) -> None:
    for path in sorted((ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(JOINERS):
            assert not imported_packages(path) & forbidden, name


def test_heavy_packages_are_never_needed() -> None:
    heavy = {"tensorflow", "keras", "torch", "onnxscript", "onnxruntime", "ai_edge_litert", "scipy", "sklearn"}
    for package in ("simref", "generator", "costmodel"):
        for path in sorted((ROOT / package).rglob("*.py")):
            # The importer of PyTorch programs imports torch where it is called.
            own = {"torch", "onnxscript"} if path.relative_to(ROOT).as_posix() == "simref/importers/torch.py" else set()
            assert not imported_packages(path) & (heavy - own), path


def test_the_command_line_starts_without_numpy() -> None:
    code = "import sys, simref, simref.cli; sys.exit(' '.join({'numpy', 'numba', 'unicorn'} & set(sys.modules)) or 0)"
    run = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_public_names_are_exactly_these() -> None:
    import simref

    assert simref.__all__ == [
        "Graph",
        "ModelSource",
        "Prediction",
        "SimrefError",
        "analyze",
        "evaluate",
        "from_torch",
        "load",
        "predict",
        "run",
    ]
    for name in simref.__all__:
        assert callable(getattr(simref, name))
