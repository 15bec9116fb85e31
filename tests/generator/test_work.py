"""Work counts: every kernel has them, and they account for every byte that a copy or a fill moves."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.emit import RUNTIME
from generator.work import KERNELS, work_of
from generator.work._counts import copies, fills, integer
from simref.ops import KernelCall, operator
from simref.sweep import FAMILIES
from simref.sweep._sheet import Sheet

_KERNEL = re.compile(r"void simref_(\w+)\(const struct simref_\1_params \*")


def calls(family: str) -> list[KernelCall]:
    sweep, rng = Sheet(), np.random.default_rng(0)
    for _ in range(30):
        FAMILIES[family].draw(sweep, rng)
    return [call for layer in sweep.graph().layers for call in operator(layer.op).form(layer).kernels(layer)]


# int8 kernels that no layer of the sweep has.
NOT_ESTIMATED = {"arg_min_s8"}


def test_every_kernel_of_int8_has_its_work_counted() -> None:
    """Floats, codebooks and wider integers are emulated, never estimated."""
    kernels = {match[1] for path in RUNTIME.glob("*.h") for match in _KERNEL.finditer(path.read_text("utf-8"))}
    assert set(KERNELS) <= kernels
    assert {kernel for kernel in kernels if kernel.endswith("_s8")} <= set(KERNELS) | NOT_ESTIMATED


@settings(max_examples=100, deadline=None)
@given(size=st.integers(0, 200), targets=st.lists(st.integers(0, 40), min_size=1, max_size=8), source=st.integers(0, 3))
def test_copies_and_fills_move_every_byte_once(size: int, targets: list[int], source: int) -> None:
    places = np.array(targets, np.int64)
    copied = copies(size, places, np.int64(source) + places * 3)
    words = sum(copied.get(f"{kind}_rest", 0) + 4 * copied.get(f"{kind}_quads", 0) for kind in KINDS)
    assert copied.get("copy_bytes", 0) + 4 * words == size * len(targets)
    assert copied.get("copy", 0) + sum(copied.get(kind, 0) for kind in KINDS) == len(targets)
    filled = fills(size, places)
    words = filled.get("fill_rest", 0) + 4 * filled.get("fill_quads", 0)
    assert filled.get("fill_bytes", 0) + 4 * words == size * len(targets)


KINDS = ("copy_words", "copy_unaligned")


@pytest.mark.parametrize("family", ["conv_2d", "conv_2d_strided_1x1", "transpose_conv"])
def test_windows_are_gathered_whole(family: str) -> None:
    for call in (call for call in calls(family) if call.kernel == "conv_2d_s8"):
        work = {name.removeprefix("conv_2d_s8."): count for name, count in work_of(call).items()}
        moved = work.get("copy_bytes", 0) + work.get("fill_bytes", 0)
        moved += 4 * sum(work.get(f"{kind}_rest", 0) + 4 * work.get(f"{kind}_quads", 0) for kind in KINDS)
        moved += 4 * (work.get("fill_rest", 0) + 4 * work.get("fill_quads", 0))
        p = call.params
        pixels = integer(p, "output_height") * integer(p, "output_width")
        assert moved == pixels * integer(p, "dense.depth")


@pytest.mark.parametrize("family", ["conv_2d", "depthwise_conv_2d", "average_pool_2d"])
def test_twice_the_images_are_twice_the_work(family: str) -> None:
    for call in calls(family):
        key = next(name for name in call.params if name.endswith("batches"))
        twice = KernelCall(kernel=call.kernel, params={**call.params, key: 2}, operands=call.operands)
        once, both = work_of(call), work_of(twice)
        # The depthwise kernel clears its buffer once, however many images there are.
        first = ("call", "fill", "fill_words", "fill_quads", "fill_rest", "fill_bytes")
        alone = {f"{call.kernel}.{piece}" for piece in (first if family == "depthwise_conv_2d" else first[:1])}
        assert both.keys() == once.keys()
        assert all(both[name] == 2 * once[name] for name in once.keys() - alone)


def test_products_are_counted_once() -> None:
    for call in calls("conv_2d_1x1"):
        work = {name.rpartition(".")[2]: count for name, count in work_of(call).items()}
        wide = {"eight": 8, "four": 4, "one": 1}
        products = sum(
            rows * width * work.get(f"{kind}_{name}_depth", 0)
            for kind, rows in (("pair", 2), ("single", 1))
            for name, width in wide.items()
        )
        pixels, depth, channels = (integer(call.params, k) for k in ("pixels", "dense.depth", "dense.channels"))
        assert products == pixels * depth * channels
