"""Walk a Keras model, and the models in it, call by call, and write each layer's graph."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simref.errors import UnsupportedError
from simref.graph import Graph, Shape
from simref.importers._untrusted import printable
from simref.importers.keras.call import Argument, GraphWriter, LayerCall, Results, Value, damaged, tensors_of
from simref.importers.keras.config import MAX_INTEGER, Config
from simref.importers.keras.layers import translator
from simref.importers.keras.topology import LayerSpec, ModelSpec, Reference, execution_order
from simref.importers.keras.weights import Weights

INPUT_DTYPES = ("float32", "int8", "uint8", "int16", "int32", "int64", "bool")
# What a damaged configuration may raise behind the checks of single fields.
DAMAGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError)
_DEFAULT_POLICIES = ("float32", "float32_default")


def build_graph(model: LayerSpec, weights: Weights, name: str, version: int) -> Graph:
    """The graph of the outermost model. version: Keras' major version.

    Raises ModelError or UnsupportedError naming the layer.
    """
    writer = GraphWriter(name, version)
    spec = writer.model_spec(model, ())
    layers = {layer.name: layer for layer in spec.layers}
    inputs = tuple(_input(writer, layers[reference.layer]) for reference in spec.inputs)
    outputs = _run_model(
        LayerCall(writer, model, "", (), [Value(index) for index in inputs], {}, weights, run_call), spec
    )
    if len(set(outputs)) < len(outputs) or set(outputs) & set(inputs):
        raise UnsupportedError("an output of the model is one of its inputs or another output, must be computed alone")
    return writer.graph(outputs)


def _input(writer: GraphWriter, layer: LayerSpec) -> int:
    config = layer.config
    stored = config.get("batch_shape", "batch_input_shape")
    if not isinstance(stored, list) or not stored:
        config.refuse("no input shape is stored. Build the model, or give it an Input, before saving.")
    if any(size is None for size in stored[1:]):
        config.refuse(f"its shape {tuple(stored)} is open, only the batch may be. Save the model with a fixed shape.")
    shape: Shape = config.with_field("batch_shape", [1, *stored[1:]]).integers("batch_shape", high=MAX_INTEGER)
    if config.get("sparse") or config.get("ragged"):
        config.refuse("it is sparse or ragged, must be dense")
    name = printable(layer.name)
    if stored[0] not in (None, 1):
        writer.builder.notes.append(
            f'input "{name}": its batch of {printable(str(stored[0]))} samples is computed as 1'
        )
    index = writer.builder.input(name, shape, _input_dtype(config))
    writer.check_size(index)
    return index


def _input_dtype(config: Config) -> str:
    stored = config.get("dtype")
    return config.choice("dtype", INPUT_DTYPES, "float32") if not isinstance(stored, dict) else "float32"


def run_call(call: LayerCall) -> Results:
    """Write the layers of one call; its results. A model is walked, any other layer translated."""
    if call.spec.is_model:
        return _run_model(call, call.writer.model_spec(call.spec, call.path))
    _check_policy(call)
    try:
        results = translator(call)(call)
    except DAMAGE as error:
        raise damaged(call.config.owner, error) from error
    return results if isinstance(results, tuple) else (results,)


def _check_policy(call: LayerCall) -> None:
    """Weights and computation are float32: other policies would compute other numbers."""
    policy = call.config.get("dtype")
    if isinstance(policy, dict):
        inner = policy.get("config")
        policy = inner.get("name") if isinstance(inner, dict) else None
    if isinstance(policy, str) and policy not in _DEFAULT_POLICIES and not policy.startswith(("int", "uint", "bool")):
        call.refuse(f"its dtype policy is {printable(policy)}, must be float32. Save the model in float32.")
    if call.config.get("quantization_config") is not None:
        call.refuse("it is quantized by Keras, must be float32")


def _run_model(model: LayerCall, spec: ModelSpec) -> Results:
    """Run each call of the model's layers in order; the tensors of the model's outputs."""
    model.writer.count_calls(len(spec.layers))
    if any(isinstance(argument, dict) for argument in model.args):
        model.refuse("it is called with named tensors, must be called with a list")
    if len(model.inputs) != len(spec.inputs):
        model.config.damaged(f"it is called with {len(model.inputs)} tensors, must be called with {len(spec.inputs)}")
    weights = dict(zip((layer.name for layer in spec.layers), model.weights.layers(spec.layers), strict=True))
    values: dict[Reference, int] = {
        replace(reference, tensor=0): index for reference, index in zip(spec.inputs, model.inputs, strict=True)
    }
    for layer, number in execution_order(model.spec, spec):
        call = _layer_call(model, layer, number, values, weights[layer.name])
        for position, index in enumerate(run_call(call)):
            values[Reference(layer.name, number, position)] = index
    return tuple(_value(model, reference, values) for reference in spec.outputs)


def _layer_call(
    model: LayerCall, layer: LayerSpec, number: int, values: dict[Reference, int], weights: Weights
) -> LayerCall:
    own = printable(layer.name)
    name = f"{own}/call_{number}" if number else own
    kwargs = _bound(model, layer.calls[number].kwargs, values)
    if tensors_of(kwargs.get("mask")):
        layer.config.refuse("it is called with a mask, which is not built. Save the model without masking.")
    return replace(
        model,
        spec=layer,
        name=f"{model.name}/{name}" if model.name else name,
        path=(*model.path, layer.name),
        args=_bound(model, layer.calls[number].args, values),
        kwargs=kwargs,
        weights=weights,
    )


def _value(model: LayerCall, reference: Reference, values: dict[Reference, int]) -> int:
    if reference not in values:
        model.config.damaged(f'layer "{printable(reference.layer)}" has no output {reference.tensor}')
    return values[reference]


def _bound(model: LayerCall, argument: Any, values: dict[Reference, int]) -> Argument:
    """The same arguments with tensors of the graph in the place of references."""
    if isinstance(argument, Reference):
        return Value(_value(model, argument, values))
    if isinstance(argument, list):
        return [_bound(model, item, values) for item in argument]
    if isinstance(argument, dict):
        return {key: _bound(model, item, values) for key, item in argument.items()}
    return argument
