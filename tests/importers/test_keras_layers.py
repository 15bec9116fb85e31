"""The documentation lists exactly the layers that are translated."""

from __future__ import annotations

import re

from simref.importers._keras_layers import TRANSLATORS
from tests.models_present import ROOT


def test_the_documentation_lists_the_layers() -> None:
    section = ROOT.joinpath("docs", "keras.md").read_text(encoding="utf-8").split("## Layers")[1]
    items = re.findall(r"^- [^:]+: ((?:.|\n  )+)", section, re.MULTILINE)
    listed = [name for item in items for name in re.split(r",\s+", item.strip())]
    assert sorted(listed) == sorted(TRANSLATORS)
