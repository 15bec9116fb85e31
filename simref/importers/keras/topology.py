"""What a Keras model's configuration says of its layers and of how they are called, in one form for all versions.

Keras 2 lists calls as [layer, node, tensor, arguments]; Keras 3 stores the arguments with `__keras_tensor__` objects in
them. A Sequential model is read as the chain of its layers.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, TypeGuard

from simref.errors import ModelError, UnsupportedError
from simref.importers._untrusted import printable
from simref.importers.keras.config import Config

# The names of the models around a layer, from the outside in, and its own.
Path = tuple[str, ...]

MODELS = ("Sequential", "Functional", "Model")
MAX_LAYERS = 1 << 14


@dataclass(frozen=True)
class Reference:
    """Output `tensor` of call number `call` of a layer."""

    layer: str
    call: int
    tensor: int


@dataclass(frozen=True)
class Call:
    """The arguments of one call: JSON values with a Reference in the place of each tensor."""

    args: list[Any]
    kwargs: dict[str, Any]


@dataclass(frozen=True)
class LayerSpec:
    """One layer: its class, the module of the class ("" where the file does not say), its settings and its calls."""

    kind: str
    module: str
    name: str
    config: Config
    calls: tuple[Call, ...] = ()

    @property
    def is_model(self) -> bool:
        """True for a model inside a model."""
        return self.kind in MODELS

    @property
    def is_operation(self) -> bool:
        """True for a function of `keras.ops` in the place of a layer."""
        return ".ops" in self.module


@dataclass(frozen=True)
class ModelSpec:
    """The layers in the file's order, and which tensors go in and come out."""

    layers: tuple[LayerSpec, ...]
    inputs: tuple[Reference, ...]
    outputs: tuple[Reference, ...]


def read_layer(stored: object, outer: Path) -> LayerSpec:
    """A layer's JSON object; `outer` names the models around it, from the outside in.

    Raises UnsupportedError for the classes that a user registered: their code is not in the file.
    """
    where = f'of model "{printable("/".join(outer))}"' if outer else "of the model"
    if not isinstance(stored, dict):
        raise ModelError(f"a layer {where} is {type(stored).__name__}, must be an object")
    kind, config = stored.get("class_name"), stored.get("config")
    if kind == "Sequential" and isinstance(config, list):  # Keras before 2.2.3
        config = {"name": stored.get("name", "sequential"), "layers": config}
    if not isinstance(kind, str) or not isinstance(config, dict):
        raise ModelError(f"a layer {where} has no class_name or no config, must have both")
    name = config.get("name", stored.get("name"))
    if not isinstance(name, str):
        raise ModelError(f"a layer {where} has no name, must have one")
    kind = printable(kind)
    owner = f'layer "{printable("/".join((*outer, name)))}" ({kind})'
    registered = stored.get("registered_name")
    if ">" in kind or (isinstance(registered, str) and ">" in registered):
        raise UnsupportedError(f"{owner}: its class is the user's own, must be one of Keras' own layers")
    module = stored.get("module")
    return LayerSpec(kind, module if isinstance(module, str) else "", name, Config(owner, config))


def read_model(model: LayerSpec, path: Path) -> ModelSpec:
    """The layers of a model and their calls. Raises ModelError where names or calls contradict each other."""
    stored = model.config.get("layers")
    if not isinstance(stored, list) or not stored:
        model.config.refuse("it has no list of layers (a subclassed model), must be Sequential or functional")
    if len(stored) > MAX_LAYERS:
        model.config.refuse(f"it has {len(stored)} layers, must have at most {MAX_LAYERS}")
    layers = [_with_calls(read_layer(entry, path), entry, model.kind) for entry in stored]
    if len({layer.name for layer in layers}) < len(layers):
        model.config.damaged("two of its layers have one name")
    if model.kind == "Sequential":
        return _chain(model, layers)
    ends = [model.config.get(name) for name in ("input_layers", "output_layers")]
    if path and any(isinstance(end, dict) for end in ends):
        model.config.refuse("its inputs or outputs have names, must be lists as it is part of another model")
    inputs, outputs = (tuple(_references(_marked(end))) for end in ends)
    return _checked(model, _renumbered(ModelSpec(tuple(layers), inputs, outputs)))


def _with_calls(layer: LayerSpec, stored: dict[str, Any], model: str) -> LayerSpec:
    nodes = stored.get("inbound_nodes") if model != "Sequential" else None
    if nodes is None:
        return layer
    if not isinstance(nodes, list):
        layer.config.damaged("inbound_nodes is no list")
    return replace(layer, calls=tuple(_call(layer, node) for node in nodes))


def _call(layer: LayerSpec, node: object) -> Call:
    if isinstance(node, dict):  # Keras 3
        args, kwargs = node.get("args", []), node.get("kwargs", {})
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            layer.config.damaged("a call has no list of arguments")
        return Call(_tensors(args), _tensors(kwargs))
    if not isinstance(node, list):
        layer.config.damaged("a call is neither a list nor an object")
    entries = [node] if node and isinstance(node[0], str) else node
    kwargs = {}
    for entry in entries:
        if not (isinstance(entry, list) and len(entry) in (3, 4) and _is_reference(entry[:3])):
            layer.config.damaged("a call does not name layer, node and tensor")
        given = entry[3] if len(entry) == 4 else {}
        if not isinstance(given, dict):
            layer.config.damaged("the arguments of a call are no object")
        kwargs.update({key: _marked(value) for key, value in given.items()})
    found = [Reference(entry[0], entry[1], entry[2]) for entry in entries]
    return Call([found if len(found) > 1 else found[0]] if found else [], kwargs)


def _is_reference(value: object) -> TypeGuard[list[Any]]:
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and all(isinstance(number, int) and 0 <= number < MAX_LAYERS for number in value[1:])
    )


def _tensors(value: Any) -> Any:
    """The same JSON value with a Reference for each tensor as Keras 3 stores it."""
    if isinstance(value, list):
        return [_tensors(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") != "__keras_tensor__":
        return {key: _tensors(item) for key, item in value.items()}
    config = value.get("config")
    history = config.get("keras_history") if isinstance(config, dict) else None
    if not _is_reference(history):
        raise ModelError("damaged: a tensor has no keras_history of layer, node and tensor")
    return Reference(*history)


def _marked(value: Any) -> Any:
    """The same JSON value with a Reference for each [layer, node, tensor], as Keras 2 stores it."""
    if _is_reference(value):
        return Reference(*value)
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    return value


def _references(value: Any) -> Iterator[Reference]:
    """Every Reference in a structure of lists and objects, in order."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        yield from _references([*value.values()])


def _chain(model: LayerSpec, layers: list[LayerSpec]) -> ModelSpec:
    """A Sequential model: each layer is called with the output of the one before; the first is an input."""
    if layers[0].kind != "InputLayer":
        layers.insert(0, _chain_input(model, layers[0]))
    chained = [replace(layer, calls=(Call([Reference(before.name, 0, 0)], {}),)) for before, layer in pairwise(layers)]
    inputs, outputs = Reference(layers[0].name, 0, 0), Reference(layers[-1].name, 0, 0)
    return _checked(model, ModelSpec((layers[0], *chained), (inputs,), (outputs,)))


def _chain_input(model: LayerSpec, first: LayerSpec) -> LayerSpec:
    """The input that Keras makes for the first layer, whose settings or whose model's say the shape."""
    inner = first
    while inner.is_model:
        listed = inner.config.get("layers")
        if not isinstance(listed, list) or not listed:
            break
        inner = read_layer(listed[0], ())
    shape = inner.config.get("batch_input_shape", "batch_shape") or model.config.get("build_input_shape")
    fields = {"batch_shape": shape, "dtype": inner.config.get("dtype")}
    owner = f"{model.config.owner}: its input"
    return LayerSpec("InputLayer", "", f"{first.name}_input", Config(owner, fields))


def _renumbered(spec: ModelSpec) -> ModelSpec:
    """Calls of a model inside a model may be counted from 1, after the call that built it: count them from 0."""
    used = [*spec.inputs, *spec.outputs, *(r for layer in spec.layers for c in layer.calls for r in references_of(c))]
    last: dict[str, int] = {}
    for reference in used:
        last[reference.layer] = max(last.get(reference.layer, 0), reference.call)
    shifted = {x.name for x in spec.layers if x.is_model and x.calls and last.get(x.name) == len(x.calls)}
    if not shifted:
        return spec

    def moved(value: Any) -> Any:
        if isinstance(value, Reference):
            return replace(value, call=value.call - 1) if value.layer in shifted and value.call else value
        if isinstance(value, list):
            return [moved(item) for item in value]
        return {key: moved(item) for key, item in value.items()} if isinstance(value, dict) else value

    layers = tuple(
        replace(layer, calls=tuple(Call(moved(c.args), moved(c.kwargs)) for c in layer.calls)) for layer in spec.layers
    )
    return ModelSpec(layers, spec.inputs, tuple(moved(list(spec.outputs))))


def references_of(call: Call) -> Iterator[Reference]:
    """Every tensor that a call reads."""
    yield from _references(call.args)
    yield from _references(call.kwargs)


def _checked(model: LayerSpec, spec: ModelSpec) -> ModelSpec:
    """Every reference leads to a call, every input to an InputLayer."""
    layers = {layer.name: layer for layer in spec.layers}
    calls = {layer.name: 1 if layer.kind == "InputLayer" else len(layer.calls) for layer in spec.layers}
    read = [reference for layer in spec.layers for call in layer.calls for reference in references_of(call)]
    for reference in (*spec.inputs, *spec.outputs, *read):
        if reference.call >= calls.get(reference.layer, 0):
            name = printable(reference.layer)
            model.config.damaged(f'call {reference.call} of layer "{name}" is read, which there is not')
    if not spec.inputs or not spec.outputs:
        model.config.damaged("it has no inputs or no outputs, must have both")
    names = [reference.layer for reference in spec.inputs]
    if len(set(names)) < len(names) or any(layers[name].kind != "InputLayer" for name in names):
        model.config.damaged("its inputs are not different layers of class InputLayer")
    return spec


def execution_order(model: LayerSpec, spec: ModelSpec) -> Iterator[tuple[LayerSpec, int]]:
    """(layer, number of the call), each after those whose outputs it reads, else in the file's order."""
    position = {layer.name: index for index, layer in enumerate(spec.layers)}
    sorter: TopologicalSorter[tuple[int, int]] = TopologicalSorter()
    for index, layer in enumerate(spec.layers):
        for number, call in enumerate(layer.calls):
            sorter.add((index, number), *((position[r.layer], r.call) for r in references_of(call)))
    try:
        sorter.prepare()
    except CycleError:
        model.config.damaged("its layers are called in a circle")
    ready: list[tuple[int, int]] = []
    while sorter.is_active():
        for node in sorter.get_ready():
            heapq.heappush(ready, node)
        node = heapq.heappop(ready)
        if spec.layers[node[0]].kind != "InputLayer":
            yield spec.layers[node[0]], node[1]
        sorter.done(node)
