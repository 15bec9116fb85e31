"""Rewriting as a whole: what each level changes, and what it must not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simref.compress import Plan
from simref.graph import Graph
from simref.importers import load
from simref.interpreter import run
from simref.optimize import optimize
from simref.pipelines.analyze import account
from tests.models_present import EXAMPLE, FLOAT_EXAMPLE, own_models, real_models
from tests.oracle import random_inputs


def ops(graph: Graph) -> list[str]:
    return [layer.op for layer in graph.layers]


def test_level_none_leaves_the_network_alone() -> None:
    graph = load(FLOAT_EXAMPLE)
    optimized = optimize(graph, Plan("none"))
    for left in (optimized.graph, optimized.accounted):
        assert left.nodes == graph.nodes
        assert left.tensors == graph.tensors
    assert optimized.notes == ()


def test_lossless_folds_normalizations_and_fuses_clamps() -> None:
    graph = load(FLOAT_EXAMPLE)
    optimized = optimize(graph, Plan())
    assert ops(graph)[:3] == ["CONV_2D", "BATCH_NORMALIZATION", "RELU"]
    assert ops(optimized.accounted)[:2] == ["CONV_2D", "RELU"]
    assert "RELU" not in ops(optimized.graph)
    assert optimized.folded == 1
    assert "1 normalizing layer folded" in optimized.notes[0]
    # Clamps cost the same as layers of their own and as part of another.
    assert sum(layer.macc for layer in account(optimized.graph)) == sum(
        layer.macc for layer in account(optimized.accounted)
    )
    x = np.random.default_rng(0).random((20, 1, 8, 8, 1), np.float32)
    before, after = (run(g, x)[0].astype(np.float64) for g in (graph, optimized.graph))
    assert 0 < np.linalg.norm(before - after) <= 1e-6 * np.linalg.norm(before)
    np.testing.assert_array_equal(run(optimized.accounted, x)[0], run(optimized.graph, x)[0])


@pytest.mark.parametrize("path", [EXAMPLE, *own_models()[1:], *real_models()], ids=lambda path: path.stem)
def test_int8_outputs_stay_the_same_in_every_bit(path: Path) -> None:
    data = path.read_bytes()
    graph = load(path)
    optimized = optimize(graph, Plan())
    inputs = random_inputs(data, 10)
    for before, after in zip(run(graph, inputs), run(optimized.graph, inputs), strict=True):
        np.testing.assert_array_equal(before, after)
    assert sum(layer.macc for layer in account(optimized.graph)) <= sum(layer.macc for layer in account(graph))


def test_constant_channels_of_a_trained_network_go() -> None:
    paths = [path for path in real_models() if path.stem == "vww_96_int8"]
    if not paths:
        pytest.skip("vww_96_int8 is not beside the repository")
    optimized = optimize(load(paths[0]), Plan())
    convolutions = [r for r in optimized.removals if " CONV_2D " in r.layer]
    assert sum(removal.constant for removal in convolutions) == 971
    assert sum(layer.macc for layer in account(optimized.graph)) == 3_734_323


def test_compressed_networks_compute_with_the_decoded_weights() -> None:
    optimized = optimize(load(FLOAT_EXAMPLE), Plan("high"))
    books = [t.codebook for layer in optimized.graph.layers for t in layer.inputs if t is not None and t.codebook]
    assert [book.bits for book in books] == [4, 4]
    assert [outcome.bits for outcome in optimized.outcomes] == [4, 4]
    assert len(optimized.notes) == 3
