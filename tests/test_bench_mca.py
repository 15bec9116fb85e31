"""The peer's side of the comparison: which loops are taken, and what LLVM is told of them."""

from __future__ import annotations

import shutil

import pytest

from costmodel.core import load_core
from tests import bench_mca
from tests.costmodel.programs import assemble, machine

BODY = """
    movs r1, #0
1:  bic r2, r0, #31
    it eq
    addeq r1, #1
    subs r0, #1
    bne 1b
    bx lr
"""


def loop(core: str) -> bench_mca.Loop:
    found = bench_mca.hottest_loops(machine(assemble(BODY, core), core).call("main", [1000]), load_core(core))
    assert len(found) == 1
    return found[0]


def test_the_loop_is_found_and_written_as_llvm_reads_it() -> None:
    found = loop("cm4")
    assert found.share == pytest.approx(1, abs=0.01)
    lines = bench_mca.assembly(found).splitlines()
    assert lines[2:] == ["start:", "bic r2, r0, #0x1f", "it eq", "addeq r1, #1", "subs r0, #1", "bne start"]


def test_both_models_price_it() -> None:
    if shutil.which("llvm-mca") is None:
        pytest.skip("llvm-mca is not on PATH")
    found, core = loop("cm4"), load_core("cm4")
    # bic 1, IT 1 (before it is a 32-bit instruction), add 1, subs 1, taken branch 3
    assert bench_mca.cycles_per_iteration(found, core) == 7
    assert bench_mca.mca_cycles(found, core, "thumbv7em-none-eabihf") == pytest.approx(5, abs=1)
