"""Run the shared models in the frameworks they come from and store what those compute: make outputs.

Needs tensorflow (with keras) and onnxruntime, which the tests themselves do not. One file per model in tests/outputs:
`seed` and `samples` of the inputs (`framework_inputs`), and `output_<k>`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simref.graph import Array, Shape
from tests.models_present import ROOT, SHARED

FOLDER = ROOT / "tests" / "outputs"
SEED, SAMPLES = 5, 3


def framework_inputs(shapes: Sequence[Shape], seed: int = SEED, samples: int = SAMPLES) -> list[Array]:
    """Uniform float32 values in [0, 1), (samples, *shape) for each input."""
    rng = np.random.default_rng(seed)
    return [rng.random((samples, *shape), np.float32) for shape in shapes]


def keras_outputs(path: Path) -> list[Array]:
    """What Keras computes, each of shape (samples, *output shape without the batch)."""
    import keras

    class DepthwiseConv2D(keras.layers.DepthwiseConv2D):  # type: ignore[misc]
        """Keras 2 stored `groups` of its base class, which Keras 3 does not know."""

        def __init__(self, *arguments: Any, groups: int = 1, **options: Any) -> None:
            assert groups == 1
            super().__init__(*arguments, **options)

    model = keras.models.load_model(path, compile=False, custom_objects={"DepthwiseConv2D": DepthwiseConv2D})
    inputs = framework_inputs([tuple(tensor.shape[1:]) for tensor in model.inputs])
    found = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    return [np.asarray(array) for array in (found if isinstance(found, list) else [found])]


def onnx_outputs(path: Path) -> list[Array]:
    """What onnxruntime computes, one sample at a time, a size that is open taken as 1."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    shapes = [tuple(n if isinstance(n, int) else 1 for n in tensor.shape) for tensor in session.get_inputs()]
    names = [tensor.name for tensor in session.get_inputs()]
    inputs = framework_inputs([shape[1:] for shape in shapes])
    runs = [
        session.run(None, {name: array[k : k + 1] for name, array in zip(names, inputs, strict=True)})
        for k in range(SAMPLES)
    ]
    return [np.concatenate(arrays) for arrays in zip(*runs, strict=True)]


FRAMEWORKS: dict[str, Callable[[Path], list[Array]]] = {
    ".h5": keras_outputs,
    ".keras": keras_outputs,
    ".onnx": onnx_outputs,
}


def framework_models() -> list[Path]:
    """The shared models of Keras and ONNX, of those that are there."""
    folder = SHARED / "models"
    return sorted(path for path in folder.glob("*") if path.suffix in FRAMEWORKS) if folder.is_dir() else []


def stored_path(model: Path) -> Path:
    """Where the outputs of a model are stored."""
    return FOLDER / f"{model.name}.npz"


def main() -> None:
    """Store the outputs of every shared model."""
    FOLDER.mkdir(exist_ok=True)
    for path in framework_models():
        outputs = FRAMEWORKS[path.suffix](path)
        arrays = {f"output_{k}": array.astype(np.float32) for k, array in enumerate(outputs)}
        np.savez_compressed(stored_path(path), seed=SEED, samples=SAMPLES, **arrays)  # type: ignore[arg-type]
        sys.stdout.write(f"{path.name}: {', '.join(str(array.shape) for array in outputs)}\n")


if __name__ == "__main__":
    main()
