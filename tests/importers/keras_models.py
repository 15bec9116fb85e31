"""Small Keras models, one for each layer the importer knows; building them needs Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Model = Any
SEED = 7


def _keras() -> Any:
    import keras

    return keras


def _chain(shape: tuple[int, ...], *layers: Callable[[Any], Any], dtype: str = "float32") -> Callable[[], Model]:
    """A Sequential model of layers made by functions of `keras.layers`."""

    def build() -> Model:
        keras = _keras()
        made = [make(keras.layers) for make in layers]
        return keras.Sequential([keras.Input(shape, dtype=dtype), *made])

    return build


def _functional(build: Callable[[Any], Model]) -> Callable[[], Model]:
    return lambda: build(_keras())


def _activation(name: str) -> Callable[[], Model]:
    return _chain((6,), lambda L: L.Dense(8, activation=name))


def _shared(k: Any) -> Model:
    a, b = k.Input((6,), name="a"), k.Input((6,), name="b")
    dense = k.layers.Dense(4, activation="tanh", name="twin")
    return k.Model([a, b], k.layers.Subtract()([dense(a), dense(b)]))


def _nested(k: Any) -> Model:
    inner_in = k.Input((6,))
    inner = k.Model(inner_in, k.layers.Dense(6, activation="relu", name="d")(inner_in), name="block")
    core = k.Sequential([k.Input((6,)), k.layers.Dense(4, name="c"), k.layers.BatchNormalization()], name="core")
    deep = k.Sequential([k.Input((6,)), core, k.layers.Dense(5, name="e")], name="deep")
    x = k.Input((6,), name="x")
    y = k.layers.Add()([inner(x), inner(inner(x))])
    return k.Model(x, [deep(y), k.layers.Dense(3, name="last")(y)])


def _two_outputs_inside(k: Any) -> Model:
    i = k.Input((6,))
    inner = k.Model(i, [k.layers.Dense(3)(i), k.layers.Dense(4)(i)], name="fork")
    x = k.Input((6,))
    return k.Model(x, k.layers.Concatenate()(inner(x)))


def _merges(k: Any) -> Model:
    L, a, b = k.layers, k.Input((3, 4)), k.Input((3, 4))
    made = [c()([a, b]) for c in (L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum)]
    three = L.Average()([a, b, made[0]])
    return k.Model(
        [a, b], [L.Concatenate(axis=1)([*made, three]), L.Dot(axes=(2, 2))([a, b]), L.Dot(axes=(1, 1))([a, b])]
    )


def _dot_vectors(k: Any) -> Model:
    a, b = k.Input((5,)), k.Input((5,))
    return k.Model([a, b], k.layers.Dot(axes=1)([a, b]))


def _attention(k: Any) -> Model:
    x = k.Input((5, 6))
    y = k.layers.MultiHeadAttention(2, 3, value_dim=4)(x, x)
    return k.Model(x, k.layers.LayerNormalization()(x + y))


def _cross_attention(k: Any) -> Model:
    x, z = k.Input((5, 6)), k.Input((4, 3))
    y, scores = k.layers.MultiHeadAttention(2, 3, use_bias=False)(x, value=z, return_attention_scores=True)
    return k.Model([x, z], [y, scores])


def _states(k: Any) -> Model:
    x, h, c = k.Input((4, 3)), k.Input((5,)), k.Input((5,))
    y, *states = k.layers.LSTM(5, return_sequences=True, return_state=True)(x, initial_state=[h, c])
    g, s = k.layers.GRU(5, return_state=True)(y, initial_state=states[0])
    return k.Model([x, h, c], [k.layers.Dense(2)(g), k.layers.Add()([s, states[1]])])


def _both_states(k: Any) -> Model:
    x, h, b = k.Input((4, 3)), k.Input((5,)), k.Input((5,))
    layer = k.layers.Bidirectional(k.layers.GRU(5, return_sequences=True, return_state=True))
    return k.Model([x, h, b], layer(x, initial_state=[h, b]))


def _steps_of_a_model(k: Any) -> Model:
    step = k.Sequential([k.Input((6,)), k.layers.Dense(4, activation="relu"), k.layers.BatchNormalization()])
    return k.Sequential([k.Input((3, 6)), k.layers.TimeDistributed(step), k.layers.GlobalMaxPooling1D()])


def _operations(k: Any) -> Model:
    o, x = k.ops, k.Input((4, 6))
    y = o.concatenate([o.relu(x + 1.5) * x, 2.0 / (o.abs(x) + 1.0)], axis=-1)
    z = o.reshape(y[:, 1:, ::2], (-1, 18))
    w = o.matmul(x, o.transpose(x, (0, 2, 1)))
    return k.Model(x, [z[:, 3], -o.clip(w, 0, 1), o.mean(x, axis=1, keepdims=True), o.softmax(w, axis=1)])


def _residual(k: Any) -> Model:
    L, x = k.layers, k.Input((8, 8, 3), name="image")
    y = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    y = L.ReLU(6.0)(L.BatchNormalization()(y))
    z = L.DepthwiseConv2D(3, padding="same", depth_multiplier=1)(y)
    y = L.Add()([y, L.Activation("relu")(z)])
    return k.Model(x, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(y)))


def _bidirectional(mode: str) -> Callable[[], Model]:
    return _chain(
        (6, 3),
        lambda L: L.Bidirectional(L.LSTM(4, return_sequences=True), merge_mode=mode),
        lambda L: L.Bidirectional(L.GRU(3), merge_mode=mode),
    )


def _adapted(k: Any) -> Model:
    first, second = k.layers.Normalization(), k.layers.Normalization(axis=(1, 3))
    data = np.random.default_rng(SEED).normal(3, 2, (4, *_IMAGE))
    first.adapt(data)
    second.adapt(data)
    return k.Sequential([k.Input(_IMAGE), first, second])


_ACTIVATIONS = (
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "sigmoid", "tanh", "softplus", "softsign", "silu"),
    *("mish", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh", "softmax", "log_softmax", "log_sigmoid"),
    *("tanh_shrink", "glu"),
)
_IMAGE, _SEQUENCE = (9, 8, 4), (10, 4)
MODELS: dict[str, Callable[[], Model]] = {
    **{f"activation_{name}": _activation(name) for name in _ACTIVATIONS},
    "relu_layers": _chain(
        _IMAGE,
        lambda L: L.ReLU(max_value=1.0, negative_slope=0.1),
        lambda L: L.LeakyReLU(negative_slope=0.2),
        lambda L: L.PReLU(shared_axes=[1, 2], alpha_initializer="random_uniform"),
        lambda L: L.ELU(0.7),
        lambda L: L.Softmax(axis=1),
    ),
    "relu_threshold": _chain((7,), lambda L: L.ReLU(threshold=0.3), lambda L: L.PReLU(alpha_initializer="ones")),
    "activation_objects": _chain(
        (5,), lambda L: L.Dense(4, activation=L.LeakyReLU(0.05)), lambda L: L.Activation(L.ReLU())
    ),
    "dense_ranks": _chain((3, 2, 5), lambda L: L.Dense(4), lambda L: L.Dense(2, use_bias=False), lambda L: L.Flatten()),
    "convolution": _chain(
        _IMAGE,
        lambda L: L.Conv2D(6, (3, 2), strides=(2, 1), padding="same", activation="relu"),
        lambda L: L.Conv2D(4, 3, dilation_rate=2, groups=2, padding="same"),
        lambda L: L.Conv2D(3, 2),
    ),
    "convolution_1d": _chain(
        _SEQUENCE,
        lambda L: L.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu"),
        lambda L: L.Conv1D(4, 3, padding="same", strides=2, groups=2),
        lambda L: L.Conv1D(3, 2),
    ),
    "depthwise": _chain(
        _IMAGE,
        lambda L: L.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="relu6"),
        lambda L: L.SeparableConv2D(5, 3, strides=2, depth_multiplier=2),
    ),
    "depthwise_1d": _chain(
        _SEQUENCE, lambda L: L.DepthwiseConv1D(3, padding="same"), lambda L: L.SeparableConv1D(5, 3, activation="tanh")
    ),
    "transposed": _chain(
        (4, 3, 2),
        lambda L: L.Conv2DTranspose(3, 3, strides=2, padding="same"),
        lambda L: L.Conv2DTranspose(2, (2, 3), strides=(3, 2), output_padding=(1, 0)),
        lambda L: L.Conv2DTranspose(2, 4, strides=2, padding="same", output_padding=1, activation="relu"),
        lambda L: L.Conv2DTranspose(2, 1, strides=2),
    ),
    "transposed_1d": _chain(
        (5, 2),
        lambda L: L.Conv1DTranspose(3, 3, strides=2),
        lambda L: L.Conv1DTranspose(2, 4, strides=2, padding="same"),
    ),
    "pooling": _chain(
        _IMAGE,
        lambda L: L.MaxPooling2D((3, 2), strides=(1, 2), padding="same"),
        lambda L: L.AveragePooling2D(2, padding="same"),
        lambda L: L.AveragePooling2D((2, 1)),
        lambda L: L.GlobalMaxPooling2D(keepdims=True),
    ),
    "pooling_1d": _chain(
        _SEQUENCE,
        lambda L: L.MaxPooling1D(2),
        lambda L: L.AveragePooling1D(3, strides=1, padding="same"),
        lambda L: L.GlobalAveragePooling1D(),
    ),
    "global_max_1d": _chain(_SEQUENCE, lambda L: L.GlobalMaxPooling1D()),
    "normalization": _chain(
        _IMAGE,
        lambda L: L.BatchNormalization(scale=False),
        lambda L: L.BatchNormalization(axis=1, center=False),
        lambda L: L.LayerNormalization(axis=[2, 3]),
        lambda L: L.GroupNormalization(2),
        lambda L: L.RMSNormalization(),
        lambda L: L.UnitNormalization(),
    ),
    "rescaling": _chain(
        _IMAGE,
        lambda L: L.Rescaling(1 / 255.0),
        lambda L: L.Rescaling([1.0, 2.0, 3.0, 4.0], offset=-0.5),
        lambda L: L.Normalization(mean=[0.0, 1.0, 2.0, 3.0], variance=[1.0, 2.0, 3.0, 4.0]),
        lambda L: L.Normalization(axis=None, mean=0.5, variance=0.25, invert=True),
    ),
    "adapted": _functional(_adapted),
    "sizes": _chain(
        _IMAGE,
        lambda L: L.UpSampling2D((2, 3)),
        lambda L: L.ZeroPadding2D(((1, 2), (0, 3))),
        lambda L: L.Cropping2D(((2, 1), (0, 2))),
        lambda L: L.UpSampling2D(2, interpolation="bilinear"),
        lambda L: L.Resizing(5, 7),
        lambda L: L.Permute((3, 1, 2)),
        lambda L: L.Reshape((-1, 10)),
        lambda L: L.Flatten(),
        lambda L: L.RepeatVector(3),
    ),
    "sizes_1d": _chain(
        _SEQUENCE,
        lambda L: L.UpSampling1D(2),
        lambda L: L.ZeroPadding1D((1, 2)),
        lambda L: L.Cropping1D(2),
        lambda L: L.Dropout(0.5),
    ),
    "channels_first": _chain(
        (3, 8, 9),
        lambda L: L.Conv2D(4, 3, padding="same", data_format="channels_first"),
        lambda L: L.BatchNormalization(axis=1),
        lambda L: L.ZeroPadding2D((1, 2), data_format="channels_first"),
        lambda L: L.Cropping2D((1, 1), data_format="channels_first"),
        lambda L: L.UpSampling2D(2, data_format="channels_first"),
        lambda L: L.MaxPooling2D(2, data_format="channels_first"),
        lambda L: L.Flatten(data_format="channels_first"),
    ),
    "global_channels_first": _chain((3, 7), lambda L: L.GlobalAveragePooling1D(data_format="channels_first")),
    "resized_nearest": _chain(_IMAGE, lambda L: L.Resizing(5, 13, interpolation="nearest")),
    "embedding": _chain((5,), lambda L: L.Embedding(9, 3), lambda L: L.Flatten(), dtype="int32"),
    "einsum": _chain(
        (5, 6),
        lambda L: L.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"),
        lambda L: L.EinsumDense("abde,def->abf", (None, 4)),
    ),
    "lstm": _chain(
        (6, 3),
        lambda L: L.LSTM(5, return_sequences=True, go_backwards=True),
        lambda L: L.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False),
    ),
    "gru": _chain(
        (6, 3), lambda L: L.GRU(5, return_sequences=True), lambda L: L.GRU(4, reset_after=False, go_backwards=True)
    ),
    "simple_rnn": _chain((6, 3), lambda L: L.SimpleRNN(5, return_sequences=True), lambda L: L.SimpleRNN(4)),
    **{f"bidirectional_{mode}": _bidirectional(mode) for mode in ("concat", "sum", "mul", "ave")},
    "time_distributed": _chain(
        (4, 6, 6, 2),
        lambda L: L.TimeDistributed(L.Conv2D(3, 3, activation="relu")),
        lambda L: L.TimeDistributed(L.Flatten()),
        lambda L: L.TimeDistributed(L.Dense(4, activation="softmax")),
    ),
    "both_states": _functional(_both_states),
    "steps_of_a_model": _functional(_steps_of_a_model),
    "shared": _functional(_shared),
    "nested": _functional(_nested),
    "two_outputs_inside": _functional(_two_outputs_inside),
    "merges": _functional(_merges),
    "dot_vectors": _functional(_dot_vectors),
    "attention": _functional(_attention),
    "cross_attention": _functional(_cross_attention),
    "states": _functional(_states),
    "operations": _functional(_operations),
    "residual": _functional(_residual),
}


def build(name: str) -> Model:
    """The model with random weights."""
    keras = _keras()
    keras.utils.set_random_seed(SEED)
    keras.backend.clear_session()
    model = MODELS[name]()
    return model if name == "adapted" else with_random_weights(model)  # adapted statistics are fixed


def with_random_weights(model: Model) -> Model:
    """The model, its vectors of weights random and positive, as variances must be."""
    rng = np.random.default_rng(SEED)
    model.set_weights([_random(rng, w) for w in model.get_weights()])
    return model


def _random(rng: np.random.Generator, weights: Any) -> Any:
    """Other values than the initial ones where these are alike, as those of biases and statistics."""
    if weights.dtype.kind != "f" or weights.ndim > 1:
        return weights
    return rng.uniform(0.5, 1.5, weights.shape).astype(weights.dtype)


def inputs_for(model: Model, samples: int = 2) -> list[np.ndarray[Any, Any]]:
    """Random inputs, each (samples, *shape without the batch)."""
    rng = np.random.default_rng(SEED)
    made = []
    for tensor in model.inputs:
        shape = (samples, *tensor.shape[1:])
        floats = rng.normal(0, 1, shape).astype(np.float32)
        made.append(floats if tensor.dtype == "float32" else rng.integers(0, 9, shape).astype(tensor.dtype))
    return made


def outputs_of(model: Model, inputs: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """What Keras computes."""
    results = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    return [np.asarray(y) for y in (results if isinstance(results, list | tuple) else [results])]
