"""Keras' layers that are one product with a stored matrix, or a look-up in one."""

from __future__ import annotations

import math

from simref.graph import Array
from simref.importers.keras.activations import activated, plain
from simref.importers.keras.call import LayerCall, Translator, bias_of, optional_constant


def _dense(call: LayerCall) -> int:
    """FULLY_CONNECTED over the last dimension of an input of any rank."""
    x, units = call.x, call.config.integer("units")
    call.rank(x, 2, 8)
    if call.config.get("lora_rank") is not None:
        call.refuse("it has a low-rank adapter (lora_rank), must have none. Merge it before saving.")
    bias = (units,) if call.config.flag("use_bias", default=True) else None
    weights = call.variables({"kernel": (call.shape(x)[-1], units), "bias": bias})
    return activated(call, product(call, x, weights["kernel"], bias_of(weights), ""))


def product(call: LayerCall, x: int, kernel: Array, bias: Array | None, step: str) -> int:
    """x @ kernel + bias over the last dimension of x; kernel is (inputs, outputs)."""
    named = f"{step}/" if step else ""
    w = call.constant(f"{named}kernel", kernel.T)
    b = optional_constant(call, f"{named}bias", bias)
    return call.emit("FULLY_CONNECTED", x, w, b, step=step, keep_num_dims=len(call.shape(x)) > 2, **plain())


def _einsum_dense(call: LayerCall) -> int:
    """FULLY_CONNECTED over the last dimensions of the input, as `abc,cde->abde`."""
    equation, x = call.config.get("equation"), call.x
    if not isinstance(equation, str) or equation.count(",") != 1 or equation.count("->") != 1:
        call.refuse("its equation must be of the form ab,bc->ac")
    left, rest = equation.replace("...", "").split(",")
    right, result = rest.split("->")
    batch = len(call.shape(x)) - len(left) if "..." in equation else 0
    split = next((k for k in range(len(left)) if right.startswith(left[k:])), len(left))
    summed, kept = left[split:], right[len(left) - split :]
    if not summed or result != left[:split] + kept or len(set(left + kept)) < len(left + kept) or batch < 0:
        call.refuse(f"its equation is {equation[:40]}, must sum over the last dimensions of its input: abc,cd->abd")
    before, inner = call.shape(x)[: batch + split], call.shape(x)[batch + split :]
    stored = call.config.get("output_shape")
    tail = stored[len(stored) - len(kept) :] if isinstance(stored, list) else [stored]
    outer = call.config.with_field("output_shape", tail).integers("output_shape", len(kept))
    if call.config.get("bias_axes") not in (None, kept):
        call.refuse(f"bias_axes must be {kept}")
    bias = outer if call.config.get("bias_axes") is not None else None
    weights = call.variables({"kernel": (*inner, *outer), "bias": bias})
    rows, columns = math.prod(inner), math.prod(outer)
    x = call.reshape(x, (*before, rows), "flat")
    b = bias_of(weights)
    y = product(call, x, weights["kernel"].reshape(rows, columns), None if b is None else b.reshape(columns), "")
    return activated(call, call.reshape(y, (*before, *outer), "unflat"))


def _embedding(call: LayerCall) -> int:
    """GATHER; no mask."""
    config, x = call.config, call.x
    if config.flag("mask_zero"):
        call.refuse("mask_zero is true: masks are not built. Save the model with mask_zero=False.")
    table = call.variables({"embeddings": (config.integer("input_dim"), config.integer("output_dim"))})["embeddings"]
    indices = x if call.dtype(x) in ("int32", "int64") else call.cast(x, "int32", "indices")
    return call.emit("GATHER", call.constant("embeddings", table), indices, axis=0)


TRANSLATORS: dict[str, Translator] = {"Dense": _dense, "EinsumDense": _einsum_dense, "Embedding": _embedding}
