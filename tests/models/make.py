"""Train and quantize the small networks that the repository ships, on the digits of scikit-learn.

Needs TensorFlow and scikit-learn (`pip install 'simref[dev,models]'`), which nothing else in the repository does:

    python -m tests.models.make            # all of them
    python -m tests.models.make digits_cnn # one

Each network is trained with fixed seeds and quantized to int8 after training by TensorFlow's converter; the accuracy
printed is that of the int8 file under TFLite's reference kernels, on the digits that training has not seen. The files
are committed, because the converter's output changes with its version; running this again is a change to review.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from simref.graph import Tensor
from simref.importers.tflite.reader import read_stored
from tests.oracle import run_reference

Array = NDArray[Any]
layers = tf.keras.layers

HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "examples"
SEED = 7
TRAINING_DIGITS = 1400
EXAMPLE_DIGITS = 100


@dataclass(frozen=True)
class Digits:
    """8x8 images in [0, 1] of shape (n, 8, 8, 1), and their labels."""

    x: Array
    y: Array


@dataclass(frozen=True)
class Network:
    """One network to ship.

    build: makes the Keras model. io: dtype of the file's input and output; "keras" ships the float network itself.
    reconstructs: learns the image instead of its label. noise: standard deviation of what is added to the inputs, for
    the network that removes it. folder: where the file goes. epochs: over the training digits.
    """

    build: Callable[[], Any]
    io: str = "int8"
    reconstructs: bool = False
    noise: float = 0.0
    folder: Path = HERE
    epochs: int = 60


def digits_cnn() -> Any:
    """CONV_2D, DEPTHWISE_CONV_2D with multiplier 2, MAX_POOL_2D, AVERAGE_POOL_2D, FULLY_CONNECTED, SOFTMAX."""
    image = layers.Input((8, 8, 1), name="image")
    x = _convolved(layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem")(image), "stem")
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", use_bias=False, name="depthwise")(x)
    x = layers.MaxPooling2D(2, name="maxpool")(_convolved(x, "depthwise"))
    x = _convolved(layers.Conv2D(24, 3, padding="same", use_bias=False, name="conv")(x), "conv")
    x = layers.Flatten(name="flatten")(layers.AveragePooling2D(2, name="avgpool")(x))
    return tf.keras.Model(image, layers.Dense(10, activation="softmax", name="classifier")(x), name="digits_cnn")


def digits_float() -> Any:
    """A float network with a dense layer large enough to compress."""
    image = layers.Input((8, 8, 1), name="image")
    x = layers.Conv2D(16, 3, padding="same", use_bias=False, name="conv")(image)
    x = layers.MaxPooling2D(2, name="maxpool")(_convolved(x, "conv"))
    x = layers.Dense(64, activation="relu", name="hidden")(layers.Flatten(name="flatten")(x))
    return tf.keras.Model(image, layers.Dense(10, activation="softmax", name="classifier")(x), name="digits_float")


def _convolved(x: Any, name: str, most: float | None = None) -> Any:
    return layers.ReLU(most, name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_bn")(x))


def digits_residual() -> Any:
    """Inverted residual blocks: RELU6, PAD before a strided depthwise convolution, ADD, MEAN; float32 at its edges."""
    image = layers.Input((8, 8, 1), name="image")
    x = _relu6(layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem")(image), "stem")
    down = layers.ZeroPadding2D(((1, 0), (1, 0)), name="pad")(_expanded(x, 24, "down"))
    down = layers.DepthwiseConv2D(3, strides=2, use_bias=False, name="down_depthwise")(down)
    down = layers.Conv2D(16, 1, name="down_project")(_relu6(down, "down_depthwise"))
    inner = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="inner_depthwise")(
        _expanded(down, 48, "inner")
    )
    inner = layers.Conv2D(16, 1, name="inner_project")(_relu6(inner, "inner_depthwise"))
    joined = layers.Add(name="add")([down, inner])
    pooled = layers.GlobalAveragePooling2D(name="pool")(joined)
    return tf.keras.Model(
        image, layers.Dense(10, activation="softmax", name="classifier")(pooled), name="digits_residual"
    )


def _expanded(x: Any, channels: int, name: str) -> Any:
    return _relu6(layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_expand")(x), f"{name}_expand")


def _relu6(x: Any, name: str) -> Any:
    return _convolved(x, name, most=6.0)


def digits_autoencoder() -> Any:
    """FULLY_CONNECTED only, as in anomaly detection: 64 - 48 - 12 - 48 - 64."""
    return tf.keras.Sequential(
        [
            layers.Input((8, 8, 1), name="image"),
            layers.Flatten(name="flatten"),
            layers.Dense(48, activation="relu", name="encode"),
            layers.Dense(12, name="code"),
            layers.Dense(48, activation="relu", name="decode"),
            layers.Dense(64, activation="sigmoid", name="pixels"),
            layers.Reshape((8, 8, 1), name="image_again"),
        ],
        name="digits_autoencoder",
    )


def digits_conv1d() -> Any:
    """One-dimensional convolutions over the image's rows, one dilated; uint8 at its edges."""
    return tf.keras.Sequential(
        [
            layers.Input((8, 8, 1), name="image"),
            layers.Reshape((8, 8), name="rows"),
            layers.Conv1D(24, 3, padding="same", activation="relu", name="conv1"),
            layers.MaxPooling1D(2, strides=1, name="maxpool"),
            layers.Conv1D(32, 3, dilation_rate=2, activation="relu", name="dilated"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, activation="softmax", name="classifier"),
        ],
        name="digits_conv1d",
    )


def digits_denoise() -> Any:
    """A small U-net with every way to enlarge an image and with gates: removes noise."""
    image = layers.Input((8, 8, 1), name="image")
    wide = layers.Conv2D(8, 3, padding="same", activation="hard_silu", name="wide")(image)
    narrow = layers.Conv2D(12, 3, strides=2, padding="same", name="narrow")(wide)
    narrow = layers.LeakyReLU(0.1, name="leaky")(narrow)
    deep = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu", name="deep")(narrow)
    near = layers.Lambda(lambda y: tf.image.resize(y, (4, 4), "nearest"), name="nearest")(deep)
    joined = layers.Concatenate(name="join_deep")([near, narrow])
    gate = layers.Conv2D(12, 1, activation="sigmoid", name="gate")(joined)
    mixed = layers.Multiply(name="gated")([gate, narrow])
    learnt = layers.Conv2DTranspose(8, 3, strides=2, padding="same", name="learnt")(mixed)
    smooth = layers.Lambda(lambda y: tf.image.resize(y, (8, 8), "bilinear"), name="bilinear")(mixed)
    last = layers.Concatenate(name="join_wide")([wide, learnt, smooth])
    noise = layers.Conv2D(1, 3, padding="same", activation="tanh", name="noise")(last)
    return tf.keras.Model(image, layers.Subtract(name="clean")([image, noise]), name="digits_denoise")


def digits_mixer() -> Any:
    """An MLP mixer over rows and columns with gated units: TRANSPOSE, SPLIT, slices, extremes, MEAN, PACK, UNPACK."""
    image = layers.Input((8, 8, 1), name="image")
    rows = layers.Reshape((8, 8), name="rows")(image)
    tokens = layers.Dense(16, name="embed")(rows)
    columns = layers.Permute((2, 1), name="transpose")(tokens)
    columns = layers.Dense(8, activation="relu", name="mix_rows")(columns)
    tokens = layers.Add(name="residual")([tokens, layers.Permute((2, 1), name="transpose_back")(columns)])
    gated = layers.Lambda(_gated_unit, name="gated_unit")(layers.Dense(32, name="expand")(tokens))
    pooled = layers.Lambda(_pooled, name="pooled")(gated)
    return tf.keras.Model(image, layers.Dense(10, activation="softmax", name="classifier")(pooled), name="digits_mixer")


def _gated_unit(x: Any) -> Any:
    value, gate = tf.split(x, 2, axis=-1)
    return value * tf.math.sigmoid(gate)


def _pooled(x: Any) -> Any:
    """Features of all rows, the first and the last, the even ones and one in the middle: (n, 8, 16) -> (n, 96)."""
    first, last = tf.unstack(x[:, ::7], axis=1)
    extremes = tf.stack([tf.minimum(first, last), tf.maximum(first, last)], axis=1)
    even = tf.reduce_mean(x[:, ::2], axis=1)
    middle = tf.squeeze(tf.slice(x, [0, 3, 0], [-1, 1, -1]), axis=1)
    parts = [tf.reshape(extremes, [-1, 32]), tf.reduce_max(x, axis=1), tf.reduce_min(x, axis=1), even, middle]
    return tf.concat(parts, axis=-1)


NETWORKS = {
    "digits_cnn": Network(digits_cnn, folder=EXAMPLES),
    "digits_float": Network(digits_float, io="keras", folder=EXAMPLES),
    "digits_residual": Network(digits_residual, io="float32"),
    "digits_autoencoder": Network(digits_autoencoder, reconstructs=True, epochs=200),
    "digits_conv1d": Network(digits_conv1d, io="uint8"),
    "digits_denoise": Network(digits_denoise, reconstructs=True, noise=0.2, epochs=100),
    "digits_mixer": Network(digits_mixer, epochs=100),
}


def load_split() -> tuple[Digits, Digits]:
    """(training, test) in an order fixed by the seed."""
    bunch = load_digits()
    order = np.random.default_rng(SEED).permutation(len(bunch.target))
    x = (bunch.images[order, :, :, np.newaxis] / 16).astype(np.float32)
    y = bunch.target[order]
    train, test = slice(None, TRAINING_DIGITS), slice(TRAINING_DIGITS, None)
    return Digits(x[train], y[train]), Digits(x[test], y[test])


def trained(network: Network, digits: Digits) -> Any:
    """The Keras model after training."""
    tf.keras.backend.clear_session()  # else names count on from the network made before
    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    model = network.build()
    loss = "mse" if network.reconstructs else "sparse_categorical_crossentropy"
    model.compile(tf.keras.optimizers.Adam(2e-3), loss)
    target = digits.x if network.reconstructs else digits.y
    model.fit(noisy(network, digits.x), target, epochs=network.epochs, batch_size=32, verbose=0)
    return model


def noisy(network: Network, x: Array) -> Array:
    """The images with the network's noise, clipped back to [0, 1]."""
    noise = np.random.default_rng(SEED).normal(0, 1, x.shape) * network.noise
    return np.clip(x + noise, 0, 1).astype(np.float32)


def quantized(network: Network, model: Any, digits: Digits) -> bytes:
    """The int8 TFLite file, its ranges taken from 200 training images."""
    samples = noisy(network, digits.x)[:200]

    def representative() -> Iterator[list[Array]]:
        for sample in samples:
            yield [sample[np.newaxis]]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.dtypes.as_dtype(network.io)
    return bytes(converter.convert())


def write_float(name: str, network: Network, model: Any, digits: Digits) -> str:
    """Write the Keras file, without its optimizer, and labelled digits; return the line to print."""
    plain = network.build()
    plain.set_weights(model.get_weights())
    path = network.folder / f"{name}.keras"
    plain.save(path)
    np.savez_compressed(
        network.folder / f"{name}_test.npz", x=digits.x[:EXAMPLE_DIGITS], y=digits.y[:EXAMPLE_DIGITS].astype(np.int8)
    )
    correct = int(np.sum(plain.predict(digits.x, verbose=0).argmax(-1) == digits.y))
    return f"{name}: {path.stat().st_size} bytes, {correct} of {len(digits.y)} digits right"


def run(model: bytes, x: Array) -> tuple[Array, Array]:
    """(inputs as the file takes them, real outputs) under TFLite's reference kernels."""
    graph = read_stored(model, "model")
    source, sink = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    stored = quantize(x, source)
    # The files take one image at a time: a batch of 1 after the axis of samples.
    outputs = run_reference(model, [stored[:, np.newaxis]])[sink.name][:, 0]
    if sink.quantization is None:
        return stored, outputs
    return stored, (outputs.astype(np.float32) - sink.zero_point) * sink.scale


def quantize(x: Array, tensor: Tensor) -> Array:
    """Real values as the tensor stores them."""
    if tensor.quantization is None:
        return x.astype(tensor.dtype)
    info = np.iinfo(tensor.dtype)
    return np.clip(np.round(x / tensor.scale) + tensor.zero_point, info.min, info.max).astype(tensor.dtype)


def make(name: str) -> str:
    """Write one network, and the example's digits; return the line to print."""
    network = NETWORKS[name]
    train, test = load_split()
    if network.io == "keras":
        return write_float(name, network, trained(network, train), test)
    model = quantized(network, trained(network, train), train)
    stored, outputs = run(model, noisy(network, test.x))
    network.folder.mkdir(exist_ok=True)
    (network.folder / f"{name}.tflite").write_bytes(model)
    if network.folder == EXAMPLES:
        np.savez_compressed(
            EXAMPLES / f"{name}_test.npz", x=stored[:EXAMPLE_DIGITS], y=test.y[:EXAMPLE_DIGITS].astype(np.int8)
        )
    if network.reconstructs:
        error = float(np.sqrt(np.mean((outputs - test.x) ** 2)))
        before = float(np.sqrt(np.mean((noisy(network, test.x) - test.x) ** 2)))
        return f"{name}: {len(model)} bytes, rms error {error:.3f} (input {before:.3f}) on {len(test.y)} digits"
    correct = int(np.sum(np.argmax(outputs, -1) == test.y))
    return f"{name}: {len(model)} bytes, {correct} of {len(test.y)} digits right"


if __name__ == "__main__":
    for chosen in sys.argv[1:] or NETWORKS:
        print(make(chosen), flush=True)
