"""Every model file that lies beside the repository: predicted on two cores, each element of each layer compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel.core import load_core
from simref.pipelines.predict import Model, predict_core, prepare
from tests.executions import needs_cross_compiler
from tests.models_present import real_models, shared_models

# The int8 TFLite files are run on every core elsewhere.
PATHS = [path for path in shared_models() if path not in real_models()]
CORES = ("cm4", "cm7")


@pytest.fixture(scope="module", params=PATHS, ids=lambda path: path.name)
def model(request: pytest.FixtureRequest) -> Model:
    path: Path = request.param
    return prepare(path, samples=1)


@pytest.mark.parametrize("core", CORES)
def test_every_layer_agrees_in_every_bit(model: Model, core: str) -> None:
    needs_cross_compiler()
    prediction = predict_core(model, core=core)
    assert prediction.exact.mismatches == 0, prediction.exact.differences[0]
    computed = {index for node in model.graph.nodes for index in node.outputs}
    assert prediction.exact.tensors == len(computed)
    assert prediction.exact.elements == sum(model.graph.tensors[index].elements for index in computed)
    assert prediction.cycles >= prediction.instructions / 2 > 0
    assert load_core(core).fuses_products
