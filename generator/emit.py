"""Graph and plan to C text: a folder that compiles anywhere, one function per layer, kernels copied in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from generator import literals
from generator.plan import Plan, plan_memory
from simref.errors import UsageError
from simref.graph import Array, Graph, Layer, Tensor
from simref.ops import KernelCall, operator
from simref.ops._op import Value

if TYPE_CHECKING:
    from jinja2 import Environment

RUNTIME = Path(__file__).resolve().parent.parent / "runtime_c"
TEMPLATES = Path(__file__).resolve().parent / "templates"
_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Constant:
    """A constant array in flash: its C name and value."""

    name: str
    array: Array

    @property
    def declaration(self) -> str:
        """`const int8_t name[216]`."""
        return f"const {literals.c_type(self.array.dtype)} {self.name}[{self.array.size}]"

    @property
    def literal(self) -> str:
        """The elements as C text."""
        return literals.array_literal(self.array)


@dataclass(frozen=True)
class Call:
    """One kernel call as C text."""

    kernel: str
    fields: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LayerCode:
    """One layer as C: its function, or none for a view. kernels: the calls as its operator gave them."""

    layer: Layer
    function: str
    comment: str
    calls: tuple[Call, ...]
    kernels: tuple[KernelCall, ...]


@dataclass(frozen=True, eq=False)
class Project:
    """Everything generated for one graph.

    files: text by relative path. plan: where activations live. entry_points: C function of each layer, None for a
    layer that is a view and has no code. constants: what lies in flash besides code.
    """

    name: str
    graph: Graph
    plan: Plan
    layers: tuple[LayerCode, ...]
    constants: tuple[Constant, ...]
    kernels: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def entry_points(self) -> tuple[str | None, ...]:
        """The C function of each layer; None for a view, which runs no code."""
        return tuple(code.function if code.calls else None for code in self.layers)

    @cached_property
    def weight_bytes(self) -> int:
        """Bytes of all constant arrays: weights, biases, multipliers, tables."""
        return sum(constant.array.nbytes for constant in self.constants)

    @property
    def sources(self) -> tuple[str, ...]:
        """The C files of the library, the example left out."""
        return tuple(path for path in self.files if path.endswith(".c") and path != "example.c")

    def write(self, folder: Path) -> None:
        """Write all files; raises UsageError when the folder cannot be written."""
        try:
            for relative, text in self.files.items():
                path = folder / relative
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{folder}: cannot be written ({error.strerror}). Choose another folder.") from error


def generate(graph: Graph, name: str = "network") -> Project:
    """Generate the C project of a graph; `name` prefixes its files and symbols.

    Raises UsageError for a name that is no C identifier.
    """
    project = outline(graph, name)
    return replace(project, files=_render(project))


def outline(graph: Graph, name: str = "network") -> Project:
    """The same project before its files are written: plan, constants and calls. Raises UsageError."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name.startswith("simref") or name == "example":
        allowed = "lower-case letters, digits and underscores, not starting with simref, not example"
        raise UsageError(f'name is "{name}", must be {allowed}')
    calls = [operator(layer.op).form(layer).kernels(layer) for layer in graph.layers]
    plan = plan_memory(graph, calls)
    pool = _ConstantPool(name)
    writer = _LayerWriter(name, graph, plan, pool)
    layers = tuple(writer.write(layer, layer_calls) for layer, layer_calls in zip(graph.layers, calls, strict=True))
    kernels = tuple(sorted({call.kernel for layer_calls in calls for call in layer_calls}))
    return Project(name, graph, plan, layers, tuple(pool.constants), kernels)


class _ConstantPool:
    """Constant arrays by name; equal arrays are stored once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._by_content: dict[tuple[str, bytes], str] = {}
        self.constants: list[Constant] = []

    def add(self, array: Array, hint: str) -> str:
        key = (array.dtype.str, array.tobytes())
        if key not in self._by_content:
            self._by_content[key] = f"{self._prefix}_{hint}"
            self.constants.append(Constant(self._by_content[key], array))
        return self._by_content[key]


@dataclass(frozen=True, eq=False)
class _LayerWriter:
    """Turns a layer's kernel calls into C text, and collects the constants they name."""

    name: str
    graph: Graph
    plan: Plan
    pool: _ConstantPool

    def write(self, layer: Layer, calls: tuple[KernelCall, ...]) -> LayerCode:
        tags = [f"layer_{layer.index}" + (f"_{k}" if len(calls) > 1 else "") for k in range(len(calls))]
        rendered = tuple(self._call(layer, call, tag) for call, tag in zip(calls, tags, strict=True))
        return LayerCode(layer, f"{self.name}_layer_{layer.index}", _describe(layer), rendered, calls)

    def _call(self, layer: Layer, call: KernelCall, tag: str) -> Call:
        fields = tuple(
            (key, self._field(value, f"{tag}_{key.replace('.', '_')}")) for key, value in call.params.items()
        )
        node = self.graph.nodes[layer.index]
        operands = [
            self.pool.add(operand, f"{tag}_operand_{k}")
            if isinstance(operand, np.ndarray)
            else self._input(node.inputs[operand] if operand < len(node.inputs) else None, f"{tag}_input_{operand}")
            for k, operand in enumerate(call.operands)
        ]
        written = call.output if isinstance(call.output, tuple) else (call.output,)
        outputs = ["NULL" if position is None else self._activation(node.outputs[position], "") for position in written]
        scratch = [f"arena + {self.plan.scratch[layer.index]}"] if call.scratch else []
        return Call(call.kernel, fields, (*operands, *outputs, *scratch))

    def _field(self, value: Value, hint: str) -> str:
        return self.pool.add(value, hint) if isinstance(value, np.ndarray) else literals.value_literal(value)

    def _input(self, index: int | None, hint: str) -> str:
        if index is None:
            return "NULL"
        data = self.graph.tensors[index].data
        return self._activation(index, "const ") if data is None else self.pool.add(data, hint)

    def _activation(self, index: int, qualifier: str) -> str:
        return f"({qualifier}{literals.c_type(self.graph.tensors[index].dtype)} *)(arena + {self.plan.offsets[index]})"


def _describe(layer: Layer) -> str:
    inputs = ", ".join(_shape_text(t) for t in layer.inputs if t is not None and not t.is_constant)
    outputs = ", ".join(_shape_text(t) for t in layer.outputs)
    macc = operator(layer.op).macc(layer)
    return literals.comment(f'{layer.op} "{layer.name}": {inputs} -> {outputs}, {macc} MACC')


def _shape_text(tensor: Tensor) -> str:
    return f"{tensor.dtype.name}[{', '.join(map(str, tensor.shape))}]"


def harness_source(project: Project) -> str:
    """The C file that gives the network an arena and an entry on the emulated core."""
    return _environment().get_template("harness.c.j2").render(_context(project))


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def _render(project: Project) -> dict[str, str]:
    environment = _environment()
    context = _context(project)
    name = project.name
    outputs = {
        f"{name}.h": "network.h.j2",
        f"{name}.c": "network.c.j2",
        f"{name}_layers.h": "layers.h.j2",
        f"{name}_layers.c": "layers.c.j2",
        f"{name}_weights.h": "weights.h.j2",
        f"{name}_weights.c": "weights.c.j2",
        "example.c": "example.c.j2",
        "Makefile": "Makefile.j2",
        "CMakeLists.txt": "CMakeLists.txt.j2",
        "README.md": "README.md.j2",
    }
    files = {path: environment.get_template(template).render(context) for path, template in outputs.items()}
    return files | {f"kernels/{path.name}": path.read_text(encoding="utf-8") for path in kernel_files(project.kernels)}


def _context(project: Project) -> dict[str, Any]:
    graph, plan = project.graph, project.plan
    inputs, outputs = ([_port(graph, plan, index) for index in indices] for indices in (graph.inputs, graph.outputs))
    return {
        "name": project.name,
        "NAME": project.name.upper(),
        "model": literals.comment(graph.name),
        "arena": plan.arena,
        "weights": project.weight_bytes,
        "layers": [code for code in project.layers if code.calls],
        "views": [code for code in project.layers if not code.calls],
        "constants": project.constants,
        "headers": sorted(set(map(kernel_stem, project.kernels))),
        "sources": [path.name for path in kernel_files(project.kernels) if path.suffix == ".c"],
        "floats": graph.computes_floats,
        "inputs": inputs,
        "outputs": outputs,
        "scales": any(port["scale"] for port in (*inputs, *outputs)),
    }


def _port(graph: Graph, plan: Plan, index: int) -> dict[str, Any]:
    tensor = graph.tensors[index]
    quantized = tensor.quantization is not None and not tensor.per_channel and tensor.dtype.kind in "iu"
    bits = ", each as its bits" if tensor.dtype == np.float16 else ""
    return {
        "comment": literals.comment(f'"{tensor.name}"') + f" {_shape_text(tensor)}{bits}",
        "type": literals.c_type(tensor.dtype),
        "elements": tensor.elements,
        "offset": plan.offsets[index],
        "scale": literals.float_literal(tensor.scale) if quantized else None,
        "zero_point": tensor.zero_point if quantized else None,
    }


def kernel_stem(kernel: str) -> str:
    """The name of a kernel's files in runtime_c: its own, or that less the types where one file serves several.

    Raises ValueError for a kernel without files.
    """
    stem = kernel
    while not (RUNTIME / f"{stem}.h").is_file():
        stem, separator, _ = stem.rpartition("_")
        if not separator:
            raise ValueError(f"kernel {kernel} has no header in {RUNTIME}")
    return stem


def kernel_files(kernels: Sequence[str]) -> list[Path]:
    """The sources and headers of runtime_c that the kernels need: what they include, and what implements that."""
    found: dict[str, Path] = {}
    waiting = [f"{kernel_stem(kernel)}{suffix}" for kernel in kernels for suffix in (".h", ".c")]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = RUNTIME / name
        included = _INCLUDE.findall(found[name].read_text(encoding="utf-8"))
        sources = [str(Path(header).with_suffix(".c")) for header in included]
        waiting += included + [source for source in sources if (RUNTIME / source).is_file()]
    return [found[name] for name in sorted(found)]
