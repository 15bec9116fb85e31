"""Convert the small float networks that the repository ships: what TensorFlow's converter makes of common layers.

Needs TensorFlow (`pip install 'simref[dev,models]'`), which nothing else in the repository does:

    python -m tests.models.make_float            # all of them
    python -m tests.models.make_float layer_norm # one

Weights are drawn, with a fixed seed; nothing is trained. The files are committed, because the converter's output
changes with its version; running this again is a change to review.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

layers = tf.keras.layers
activations = tf.keras.activations

FOLDER = Path(__file__).parent / "float"
SEED = 7


def _in_a_row(shape: tuple[int, ...], *row: Any) -> Any:
    return tf.keras.Sequential([layers.Input(shape, batch_size=1, name="x"), *row])


def _side_by_side(shape: tuple[int, ...], *functions: Callable[[Any], Any]) -> Any:
    """A model with one output for each function of its one input."""
    x = layers.Input(shape, batch_size=1, name="x")
    return tf.keras.Model(x, [f(x) for f in functions])


def _drawn(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> Any:
    """Scales and variances around 1, all else around 0."""
    around_one = "variance" in name or "gamma" in name
    return (rng.uniform(0.5, 1.5, shape) if around_one else rng.normal(0, 0.4, shape)).astype(np.float32)


def layer_norm() -> Any:
    """A block of a mixer: LayerNormalization, GELU, exact and approximate; over one axis and over all."""
    return _in_a_row(
        (6, 8),
        layers.LayerNormalization(epsilon=1e-5, name="first"),
        layers.Dense(12, activation="gelu", name="expand"),
        layers.Dense(8, name="project"),
        layers.LayerNormalization(center=False, name="scaled"),
        layers.Lambda(lambda x: activations.gelu(x, approximate=True), name="approximate"),
        layers.LayerNormalization(axis=[1, 2], name="both_axes"),
        layers.Dense(4, activation="tanh", name="head"),
        layers.LayerNormalization(center=False, scale=False, name="plain"),
    )


def layer_norm_spellings() -> Any:
    """LayerNormalization as Keras 2 wrote it, by moments, and by hand."""
    rng = np.random.default_rng(SEED)
    gamma, beta = _drawn(rng, "gamma", (8,)), _drawn(rng, "beta", (8,))

    def keras2(x: Any) -> Any:
        image = tf.reshape(x, (1, 6, 8, 1))
        ones, zeros = tf.ones(6), tf.zeros(6)
        y, _, _ = tf.compat.v1.nn.fused_batch_norm(image, ones, zeros, epsilon=1e-3, data_format="NCHW")
        return tf.reshape(y, (1, 6, 8)) * gamma + beta

    def moments(x: Any) -> Any:
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)

    def by_hand(x: Any) -> Any:
        deviation = x - tf.reduce_mean(x, -1, keepdims=True)
        root = tf.sqrt(tf.reduce_mean(tf.square(deviation), -1, keepdims=True) + 1e-6)
        return deviation / root * gamma + beta

    return _side_by_side((6, 8), *(layers.Lambda(f, name=f.__name__) for f in (keras2, moments, by_hand)))


def functions() -> Any:
    """Activations for which the format has no operator, or one of another name."""
    names = ("silu", "mish", "softplus", "hard_silu", "hard_sigmoid", "selu", "softsign", "log_sigmoid")
    by_name = [layers.Lambda(activations.get(name), name=name) for name in names]
    cubes = [
        layers.Lambda(lambda x: 0.5 * x * (1 + tf.tanh(0.7978845608 * (x + 0.044715 * x * x * x))), name="gelu"),
        layers.Lambda(lambda x: tf.clip_by_value(0.2 * x + 0.5, 0.0, 1.0), name="hard_sigmoid_2"),
        layers.Lambda(activations.celu, name="celu"),
        layers.Lambda(lambda x: tf.clip_by_value(x, -0.5, 0.75), name="clip"),
    ]
    return _side_by_side((3, 8), *by_name, *cubes)


def slopes() -> Any:
    """PReLU with a slope for each channel and for each element, and LeakyReLU."""
    return _in_a_row(
        (6, 6, 2),
        layers.Conv2D(4, 3, padding="same", name="first"),
        layers.PReLU(shared_axes=[1, 2], name="by_channel"),
        layers.Conv2D(4, 3, strides=2, name="second"),
        layers.LeakyReLU(0.1, name="leaky"),
        layers.Conv2D(3, 1, name="third"),
        layers.PReLU(name="by_element"),
    )


def batch_norm() -> Any:
    """BatchNormalization in front of all, behind an activation, behind pooling, behind a dense layer."""
    return _in_a_row(
        (6, 6, 2),
        layers.BatchNormalization(name="of_input"),
        layers.Conv2D(4, 3, activation="relu", name="conv"),
        layers.BatchNormalization(name="behind_relu"),
        layers.MaxPooling2D(2, name="pool"),
        layers.BatchNormalization(name="behind_pool"),
        layers.ReLU(name="relu"),
        layers.Flatten(name="flatten"),
        layers.Dense(4, activation="tanh", name="dense"),
        layers.BatchNormalization(name="behind_tanh"),
    )


def convolutions() -> Any:
    """Dense and convolutional layers, big enough for weights of 8 bits."""
    return _in_a_row(
        (8, 8, 4),
        layers.Conv2D(32, 3, activation="relu", name="conv"),
        layers.DepthwiseConv2D(3, name="depthwise"),
        layers.GlobalAveragePooling2D(name="pool"),
        layers.Dense(40, activation="relu", name="dense"),
        layers.Dense(28, name="head"),
    )


def conv1d() -> Any:
    """One-dimensional convolutions: same, dilated and causal, separable, transposed."""
    return _in_a_row(
        (16, 3),
        layers.Conv1D(8, 3, padding="same", activation="relu", name="same"),
        layers.BatchNormalization(name="norm"),
        layers.Conv1D(8, 3, dilation_rate=2, padding="causal", activation="relu", name="causal"),
        layers.MaxPooling1D(2, name="pool"),
        layers.SeparableConv1D(6, 3, name="separable"),
        layers.Conv1DTranspose(4, 3, strides=2, name="transposed"),
        layers.GlobalMaxPooling1D(name="maximum"),
        layers.Dense(4, activation="softmax", name="head"),
    )


def attention() -> Any:
    """A block of a transformer: two heads, a residual sum, LayerNormalization."""
    x = layers.Input((6, 8), batch_size=1, name="x")
    mixed = layers.MultiHeadAttention(2, 4, name="heads")(x, x)
    return tf.keras.Model(x, layers.LayerNormalization(name="norm")(layers.Add(name="sum")([x, mixed])))


def choices() -> Any:
    """SELECT, ADD_N, SPLIT_V."""

    def run(x: Any) -> Any:
        first, _, last = tf.split(x, [3, 1, 4], axis=-1)
        return tf.where(x > 0.25, x, tf.exp(x)), tf.add_n([x, tf.sin(x), tf.cos(x)]), first, last

    return _module(run, (2, 8))


def _module(run: Callable[[Any], Any], shape: tuple[int, ...]) -> Any:
    """A model of one function."""
    module = tf.Module()
    module.run = tf.function(run, input_signature=[tf.TensorSpec(shape, tf.float32, name="x")])
    return module


def lstm() -> Any:
    """Two layers as the converter fuses those of Keras 2: one gives its sequence, one walks backwards."""
    rng = np.random.default_rng(SEED)
    first, second = _keras2_lstm(rng, 4, 6, backwards=False), _keras2_lstm(rng, 6, 5, backwards=True)
    return _module(lambda x: second(first(x)), (1, 12, 4))


def _keras2_lstm(rng: np.random.Generator, features: int, units: int, *, backwards: bool) -> Callable[[Any], Any]:
    """The converter knows the layer by the function's attributes, and takes its operands for what it computes."""
    shapes = ((features, 4 * units), (units, 4 * units), (4 * units,))
    weights = [tf.constant(_drawn(rng, "weights", shape)) for shape in shapes]
    marks: dict[str, Any] = {"api_implements": f"lstm_{units}", "api_preferred_device": "CPU"}
    marks |= {"time_major": False, "go_backwards": backwards}

    def body(x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        sequence = []
        for step in tf.unstack(x, axis=1):
            i, f, g, o = tf.split(step @ kernel + h @ recurrent + bias, 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            sequence.append(h)
        return h, tf.stack(sequence, axis=1), h, c, tf.constant(1.0)

    zeros, marked = tf.zeros((1, units)), tf.function(body, autograph=False, experimental_attributes=marks)
    return lambda x: marked(x, zeros, zeros, *weights)[1]


def loops() -> Any:
    """Recurrent layers of Keras 3, which the converter writes as loops."""
    return _in_a_row(
        (5, 4),
        layers.LSTM(6, return_sequences=True, name="lstm"),
        layers.GRU(5, return_sequences=True, name="gru"),
        layers.SimpleRNN(4, name="rnn"),
    )


def loops_of_other_kinds() -> Any:
    """States as outputs, two sequences at once, both directions, no bias, other activations, the reset gate first."""
    x = layers.Input((5, 4), batch_size=2, name="x")
    bent = {"activation": "relu", "recurrent_activation": "hard_sigmoid", "use_bias": False}
    lstm = layers.LSTM(3, return_sequences=True, return_state=True, name="lstm", **bent)
    gru = layers.GRU(3, activation="relu", reset_after=False, return_sequences=True, name="gru")
    rnn = layers.SimpleRNN(2, activation="relu", return_sequences=True, name="rnn")
    both = layers.Bidirectional(layers.SimpleRNN(2, activation="softsign"), name="both")
    sequence, *states = lstm(x)
    return tf.keras.Model(x, [both(rnn(gru(sequence))), *states])


def unrolled() -> Any:
    """A recurrent layer step by step."""
    return _in_a_row((3, 4), layers.GRU(5, unroll=True, name="gru"))


def _of_keras(build: Callable[[], Any]) -> Any:
    model, rng = build(), np.random.default_rng(SEED)
    for variable in model.variables:
        if variable.dtype == "float32":
            variable.assign(_drawn(rng, variable.path, variable.shape))
    return tf.lite.TFLiteConverter.from_keras_model(model)


def _float16() -> Any:
    converter = _of_keras(convolutions)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return converter


def _dynamic_range() -> Any:
    converter = _of_keras(convolutions)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter


def _of_module(build: Callable[[], Any]) -> Any:
    module = build()
    return tf.lite.TFLiteConverter.from_concrete_functions([module.run.get_concrete_function()], module)


KERAS = (
    layer_norm,
    layer_norm_spellings,
    functions,
    slopes,
    batch_norm,
    conv1d,
    attention,
    loops,
    loops_of_other_kinds,
    unrolled,
)
MODULES = (choices, lstm)
CONVERTERS: dict[str, Callable[[], Any]] = {
    **{build.__name__: partial(_of_keras, build) for build in KERAS},
    **{build.__name__: partial(_of_module, build) for build in MODULES},
    "dynamic_range": _dynamic_range,
    "float16": _float16,
}


def make(name: str) -> str:
    """Write one network; return the line to print."""
    tf.keras.backend.clear_session()  # else names count on from the network made before
    model = bytes(CONVERTERS[name]().convert())
    (FOLDER / f"{name}.tflite").write_bytes(model)
    return f"{name}: {len(model)} bytes"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for chosen in sys.argv[1:] or CONVERTERS:
        print(make(chosen), flush=True)
