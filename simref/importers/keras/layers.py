"""Which function translates which class of Keras, and why the others are refused."""

from __future__ import annotations

from simref.importers.keras import (
    activations,
    attention,
    convolutions,
    dense,
    merging,
    normalization,
    operations,
    pooling,
    recurrent,
    reshaping,
)
from simref.importers.keras.call import LayerCall, Translator

_MODULES = (
    activations,
    attention,
    convolutions,
    dense,
    merging,
    normalization,
    pooling,
    recurrent,
    reshaping,
)
TRANSLATORS: dict[str, Translator] = {kind: f for module in _MODULES for kind, f in module.TRANSLATORS.items()}

# Layers of Keras that are refused for a reason of their own.
REASONS = {
    "Lambda": "its Python code is never executed, must be a layer of Keras. Replace it by layers and save again.",
    "Masking": "masks are not built. Remove it, or cut the sequences to one length.",
    "RNN": "its cell may be any class. Use LSTM, GRU or SimpleRNN.",
    "StackedRNNCells": "cells are not built. Use one recurrent layer after another.",
}


def translator(call: LayerCall) -> Translator:
    """The function that writes a call's layers. Raises UnsupportedError naming the layer and its class."""
    spec = call.spec
    if spec.is_operation or spec.kind in operations.LEGACY:
        return operations.translator(call)
    if spec.kind in REASONS:
        call.refuse(REASONS[spec.kind])
    if spec.kind not in TRANSLATORS:
        call.refuse("its class is not supported. See 'simref supported-ops --format keras'.")
    return TRANSLATORS[spec.kind]
