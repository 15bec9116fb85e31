"""Which arrays of a weights file belong to which layer, in Keras' two layouts.

By name (Keras 2 and every `.h5` of a whole model): one group per layer of the outermost model, whose attribute
`weight_names` lists paths that end in the layer's and the variable's name. By number (`.keras`, and `.weights.h5` of
Keras 3): groups nest as the layers do, named for their classes and counted; a layer's variables are `vars/0`, `vars/1`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simref.errors import ModelError
from simref.importers._untrusted import printable
from simref.importers.keras.hdf5 import Object
from simref.importers.keras.topology import LayerSpec

# Names that earlier versions gave to variables.
_FORMER = {"kernel": ("depthwise_kernel",), "scale": ("gamma",)}
_LISTS = ("layers", "_layer_checkpoint_dependencies")
_MAX_CHUNKS = 1 << 12


class Weights(Protocol):
    """The weights of a model, of a layer or of a part of one."""

    def layers(self, specs: Sequence[LayerSpec]) -> list[Weights]:
        """Of a model: the weights of each of its layers."""

    def part(self, name: str) -> Weights:
        """Of a layer: those of an object in it, by the name of its attribute (`cell`, `forward_layer` …)."""

    def objects(self, names: Sequence[str]) -> list[Object | None]:
        """Of a layer: its variables, whose names are given in the order of their creation; None where missing."""


def open_weights(root: Object) -> Weights:
    """The weights of the outermost model, from the root of a whole model's or of a weights file."""
    group = root.children.get("model_weights", root)
    if group.attribute("layer_names") is not None:
        return _NamedModel(group)
    if any(name in group.children for name in _LISTS):
        return _Numbered(group)
    raise ModelError(
        'it holds no weights: neither "layer_names" nor a group "layers". Save with model.save or model.save_weights.'
    )


@dataclass(frozen=True)
class _Numbered:
    """A group of the layout by number; None where the file has none."""

    group: Object | None

    def layers(self, specs: Sequence[LayerSpec]) -> list[Weights]:
        listed = next((child for name in _LISTS if (child := self._child(name)) is not None), None)
        counts: Counter[str] = Counter()
        found: list[Weights] = []
        for spec in specs:
            name = _snake_case(spec.kind)
            path = f"{name}_{counts[name]}" if counts[name] else name
            counts[name] += not spec.is_operation
            found.append(_Numbered(None if listed is None else listed.find(path)))
        return found

    def part(self, name: str) -> Weights:
        return _Numbered(next((found for n in (name, f"_{name}") if (found := self._child(n)) is not None), None))

    def _child(self, name: str) -> Object | None:
        return None if self.group is None else self.group.find(name)

    def objects(self, names: Sequence[str]) -> list[Object | None]:
        return [self._child(f"vars/{number}") for number in range(len(names))]


def _snake_case(kind: str) -> str:
    """A class's name as Keras writes it into a path: Conv2D is conv2d, MaxPooling2D max_pooling2d, PReLU p_re_lu."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


@dataclass(frozen=True)
class _NamedModel:
    """The outermost model in the layout by name."""

    group: Object

    def layers(self, specs: Sequence[LayerSpec]) -> list[Weights]:
        members = self.group.children
        return [_Named(_entries(members[spec.name]) if spec.name in members else ()) for spec in specs]

    def part(self, name: str) -> Weights:
        raise ModelError(f'a model has no part "{printable(name)}"')

    def objects(self, names: Sequence[str]) -> list[Object | None]:
        return [None for _ in names]


# The names on the path to a variable, the last its own, and the variable.
_Entry = tuple[tuple[str, ...], Object | None]
# What the path names where a layer's attribute has another name.
_PART_NAMES = {
    "forward_layer": r"forward_.*",
    "backward_layer": r"backward_.*",
    **{f"{name}_dense": name for name in ("query", "key", "value")},
    "output_dense": "attention_output",
}


@dataclass(frozen=True)
class _Named:
    """Some of the variables of one group of the outermost model."""

    entries: tuple[_Entry, ...]

    def layers(self, specs: Sequence[LayerSpec]) -> list[Weights]:
        named: defaultdict[str, list[_Entry]] = defaultdict(list)
        for entry in self.entries:
            for word in set(entry[0][:-1]):
                named[word].append(entry)
        # The path need not name a model in a model.
        return [self if x.is_model and x.name not in named else _Named(tuple(named[x.name])) for x in specs]

    def part(self, name: str) -> Weights:
        if name not in _PART_NAMES:
            return self
        pattern = re.compile(_PART_NAMES[name])
        return _Named(tuple(e for e in self.entries if any(pattern.fullmatch(word) for word in e[0][:-1])))

    def objects(self, names: Sequence[str]) -> list[Object | None]:
        return [self._object(name) for name in names]

    def _object(self, name: str) -> Object | None:
        for alias in (name, *_FORMER.get(name, ())):
            found = [(path, variable) for path, variable in self.entries if path[-1] == alias]
            if len(found) > 1:
                paths = " and ".join("/".join(path) for path, _ in found[:2])
                raise ModelError(f"two variables are named alike: {printable(paths)}. Save the model as .keras.")
            if found:
                return found[0][1]
        return None


def _entries(group: Object) -> tuple[_Entry, ...]:
    names = _text_list(group, "weight_names")
    return tuple((tuple(word.split(":")[0] for word in name.split("/")), group.find(name)) for name in names)


def _text_list(group: Object, name: str) -> list[str]:
    """A list of names; Keras splits long ones over several attributes."""
    found: list[str] = []
    for chunk in ("", *(str(number) for number in range(_MAX_CHUNKS))):
        part = group.attribute(f"{name}{chunk}")
        found += part or []
        if part is None and chunk:
            break
    return found
