from __future__ import annotations

import re

import numpy as np

from generator.emit import RUNTIME
from simref.float32 import Float32
from simref.ops._recurrent_activations import ACTIVATIONS, CODES, activated
from tests.ops.layer_cases import close
from tests.ops.recurrent_cases import FORMULAS


def test_the_codes_are_those_of_the_runtime() -> None:
    (names,) = re.findall(r"enum \{(.*?)\}", (RUNTIME / "activate_f32.h").read_text("utf-8"), re.DOTALL)
    assert [name.strip().removeprefix("SIMREF_").lower() for name in names.split(",")] == list(CODES)


def test_each_is_its_formula() -> None:
    x: Float32 = np.linspace(-9, 9, 1001).astype(np.float32)
    assert list(ACTIVATIONS) == list(FORMULAS)
    for name, formula in FORMULAS.items():
        for fused in (False, True):
            close(activated(name, x, fused), formula(x.astype(np.float64)), 3e-7)
