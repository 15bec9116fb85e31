"""What a neural network costs on a Cortex-M microcontroller, before anyone owns the board.

import simref
graph = simref.load("model.tflite")
outputs = simref.run(graph, inputs)
prediction = simref.predict("model.tflite", core="cm7")
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simref.errors import SimrefError
    from simref.graph import Graph
    from simref.importers import load
    from simref.importers.torch import from_torch
    from simref.interpreter import run
    from simref.pipelines.analyze import analyze
    from simref.pipelines.evaluate import evaluate
    from simref.pipelines.models import ModelSource
    from simref.pipelines.predict import predict
    from simref.pipelines.prediction import Prediction

# One folder for everything that is cached: Numba, too, must know it before it is imported.
if "SIMREF_CACHE" in os.environ:
    os.environ.setdefault("NUMBA_CACHE_DIR", os.path.join(os.environ["SIMREF_CACHE"], "numba"))  # noqa: PTH118

__all__ = [
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

# Imported on first use: `simref --help` must not wait for NumPy.
_HOMES = {
    "Graph": "simref.graph",
    "ModelSource": "simref.pipelines.models",
    "Prediction": "simref.pipelines.prediction",
    "SimrefError": "simref.errors",
    "analyze": "simref.pipelines.analyze",
    "evaluate": "simref.pipelines.evaluate",
    "from_torch": "simref.importers.torch",
    "load": "simref.importers",
    "predict": "simref.pipelines.predict",
    "run": "simref.interpreter",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simref' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
