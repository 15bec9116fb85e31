"""Keras' attention with several heads."""

from __future__ import annotations

import math

from simref.importers.keras.activations import plain
from simref.importers.keras.call import LayerCall, Results, Translator, bias_of, tensors_of
from simref.importers.keras.dense import product

_ARGUMENTS = ("query", "value", "key")
_MASKS = ("query_mask", "value_mask", "key_mask", "attention_mask")


def _attention(call: LayerCall) -> Results:
    """softmax(q k' / sqrt(depth)) v for each head by BATCH_MATMUL, projections by FULLY_CONNECTED; no mask."""
    query, value, key = _operands(call)
    config = call.config
    if config.get("attention_axes") not in (None, [1]):
        call.refuse(f"attention_axes is {config.get('attention_axes')}, must be the time of (batch, time, features)")
    heads, depth = config.integer("num_heads"), config.integer("key_dim")
    value_depth = config.integer("value_dim", default=depth)
    q = _scaled(call, _heads(call, query, "query", heads, depth), depth)
    k = _heads(call, key, "key", heads, depth)
    v = _heads(call, value, "value", heads, value_depth)
    scores = call.emit(
        "SOFTMAX", call.emit("BATCH_MATMUL", q, k, step="scores", adj_x=False, adj_y=True), step="softmax", beta=1.0
    )
    mixed = call.emit("BATCH_MATMUL", scores, v, step="context", adj_x=False, adj_y=False)
    batch, _, time, _ = call.shape(mixed)
    rows = call.reshape(call.transpose(mixed, (0, 2, 1, 3), "together"), (batch, time, heads * value_depth), "rows")
    y = _projected_back(call, rows, heads, value_depth, call.shape(query)[-1])
    return (y, scores) if call.kwargs.get("return_attention_scores") is True else (y,)


def _operands(call: LayerCall) -> tuple[int, int, int]:
    """query, value and key, which is the value where it is not given."""
    named = {name: given[0] for name in _ARGUMENTS if (given := tensors_of(call.kwargs.get(name)))}
    found = dict(zip(_ARGUMENTS, call.inputs, strict=False)) | named
    masked = any(tensors_of(call.kwargs.get(name)) for name in _MASKS)
    if masked or call.kwargs.get("use_causal_mask") is True or len(call.inputs) > len(_ARGUMENTS):
        call.refuse("it is called with a mask, which is not built")
    if "query" not in found or "value" not in found:
        call.config.damaged("it is called without query or value")
    for index in found.values():
        call.rank(index, 3)
    return found["query"], found["value"], found.get("key", found["value"])


def _heads(call: LayerCall, x: int, name: str, heads: int, depth: int) -> int:
    """(batch, heads, time, depth) of a projection of x."""
    batch, time, features = call.shape(x)
    bias = (heads, depth) if call.config.flag("use_bias", default=True) else None
    weights = call.variables({"kernel": (features, heads, depth), "bias": bias}, f"{name}_dense")
    stored = bias_of(weights)
    kernel = weights["kernel"].reshape(features, heads * depth)
    y = product(call, x, kernel, None if stored is None else stored.reshape(-1), name)
    return call.transpose(call.reshape(y, (batch, time, heads, depth), f"{name}/heads"), (0, 2, 1, 3), f"{name}/apart")


def _scaled(call: LayerCall, q: int, depth: int) -> int:
    return call.emit("MUL", q, call.scalar("scale", 1 / math.sqrt(depth)), step="query/scale", **plain())


def _projected_back(call: LayerCall, rows: int, heads: int, depth: int, features: int) -> int:
    shape = call.config.get("output_shape")
    width = features if shape is None else math.prod(call.config.integers("output_shape", 1))
    bias = (width,) if call.config.flag("use_bias", default=True) else None
    weights = call.variables({"kernel": (heads, depth, width), "bias": bias}, "output_dense")
    return product(call, rows, weights["kernel"].reshape(heads * depth, width), bias_of(weights), "")


TRANSLATORS: dict[str, Translator] = {"MultiHeadAttention": _attention}
