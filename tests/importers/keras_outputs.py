"""Write `keras.zip`, small Keras files and what Keras computes with them: `python -m tests.importers.keras_outputs`.

Needs Keras 3; where tf_keras is installed too, the files of Keras 2 are written as well, else left as they are.
"""

from __future__ import annotations

import importlib.util
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.importers import keras_models as models
from tests.importers.keras_stored import ARCHIVE, OUTPUTS, weights_name

Model = Any


def _keras_2(k: Any) -> Model:
    """What only Keras 2 writes: functions of tensors, renamed settings, calls of models counted from 1."""
    L = k.layers
    inner_in = k.Input((4,))
    inner = k.Model(inner_in, L.LeakyReLU(alpha=0.1)(L.Dense(4, activation="hard_sigmoid")(inner_in)), name="block")
    x = k.Input((5, 3), name="steps")
    y = L.GRU(4, reset_after=False, recurrent_activation="hard_sigmoid")(x) * 2.0 + 0.5
    y = L.Add()([inner(y), inner(inner(y))])
    z = L.Bidirectional(L.LSTM(2, return_sequences=True))(x)
    return k.Model(x, [y, z[:, 1:, ::2]])


def _keras_2_images(k: Any) -> Model:
    L = k.layers
    made = [
        L.ZeroPadding2D(1, input_shape=(7, 6, 2)),
        L.DepthwiseConv2D(3, use_bias=False),
        L.BatchNormalization(),
        L.ReLU(max_value=6.0),
        L.SeparableConv2D(3, 3, padding="same", activation="swish"),
        L.GlobalAveragePooling2D(),
        L.Dense(3, activation="softmax"),
    ]
    return k.Sequential(made)


def _keep(arrays: dict[str, Any], name: str, model: Model) -> None:
    inputs = models.inputs_for(model)
    for kind, group in (("x", inputs), ("y", models.outputs_of(model, inputs))):
        arrays.update({f"{name}/{kind}/{number}": array for number, array in enumerate(group)})


def _write(folder: Path, arrays: dict[str, Any], name: str, build: Callable[[], Model]) -> None:
    """One file, or two where the weights stand alone. Keras wants its own endings: the weights are renamed after."""
    model, path = build(), folder / name
    if path.suffix == ".json":
        path.write_text(model.to_json())
        beside = path.with_suffix(".weights.h5")
        model.save_weights(str(beside))
        beside.rename(folder / weights_name(name))
    else:
        model.save(str(path), **({"include_optimizer": False} if path.suffix == ".h5" else {}))
    _keep(arrays, name, model)


def _built(build: Callable[[Any], Model], keras: Any) -> Model:
    return models.with_random_weights(build(keras))


def _write_all(folder: Path) -> None:
    stored = folder / OUTPUTS
    arrays: dict[str, Any] = dict(np.load(stored)) if stored.is_file() else {}
    for name in ("residual.h5", "nested.keras", "states.keras", "attention.keras", "depthwise_1d.json"):
        _write(folder, arrays, name, partial(models.build, name.split(".")[0]))
    if importlib.util.find_spec("tf_keras"):
        import tf_keras

        for name, build in KERAS_2.items():
            _write(folder, arrays, name, partial(_built, build, tf_keras))
    np.savez(stored, **arrays)


def main() -> None:
    """Write the archive again; files of a Keras that is not installed stay as they are."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if ARCHIVE.is_file():
            with zipfile.ZipFile(ARCHIVE) as archive:
                archive.extractall(folder)
        _write_all(folder)
        with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)


KERAS_2 = {"keras_2.h5": _keras_2, "keras_2.json": _keras_2, "keras_2_images.h5": _keras_2_images}

if __name__ == "__main__":
    main()
