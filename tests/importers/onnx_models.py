"""Small ONNX models for tests, and what onnxruntime, or else ONNX's own evaluator, computes for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.inliner
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from simref.check import check_graph
from simref.graph import Array, Graph
from simref.importers.onnx import import_onnx
from simref.interpreter import run

Node = onnx.NodeProto
KINDS = {
    "float32": onnx.TensorProto.FLOAT,
    "float64": onnx.TensorProto.DOUBLE,
    "float16": onnx.TensorProto.FLOAT16,
    "int8": onnx.TensorProto.INT8,
    "uint8": onnx.TensorProto.UINT8,
    "int16": onnx.TensorProto.INT16,
    "uint16": onnx.TensorProto.UINT16,
    "int32": onnx.TensorProto.INT32,
    "uint32": onnx.TensorProto.UINT32,
    "int64": onnx.TensorProto.INT64,
    "uint64": onnx.TensorProto.UINT64,
    "bool": onnx.TensorProto.BOOL,
}
Dims = Sequence[int | str | None]


def node(op: str, inputs: str, outputs: str, **attributes: Any) -> Node:
    """A node; names are separated by spaces, "-" is an absent input."""
    names = ["" if name == "-" else name for name in inputs.split()]
    return helper.make_node(op, names, outputs.split(), name=f"{op}_{outputs.split(maxsplit=1)[0]}", **attributes)


def values(*shape: int, seed: int = 0, dtype: str = "float32") -> Array:
    """Elements around zero."""
    rng = np.random.default_rng(seed + sum(shape))
    if dtype.startswith("float"):
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(-100 if dtype == "int8" else 0, 100, shape).astype(dtype)


def build(
    nodes: Sequence[Node],
    inputs: Mapping[str, Dims],
    outputs: str,
    constants: Mapping[str, Array] | None = None,
    *,
    opset: int = 17,
    dtypes: Mapping[str, str] | None = None,
    **more: Any,
) -> onnx.ModelProto:
    """A model. dtypes: of inputs that are not float32. more: of onnx.helper.make_model."""
    kinds = {name: KINDS[(dtypes or {}).get(name, "float32")] for name in inputs}
    declared = [helper.make_tensor_value_info(name, kinds[name], list(dims)) for name, dims in inputs.items()]
    stored = [numpy_helper.from_array(np.asarray(data), name) for name, data in (constants or {}).items()]
    given = [onnx.ValueInfoProto(name=name) for name in outputs.split()]
    graph = helper.make_graph(list(nodes), "graph", declared, given, stored)
    more.setdefault("opset_imports", [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)])
    return helper.make_model(graph, ir_version=8, **more)


def imported(model: onnx.ModelProto, **options: Any) -> Graph:
    """The checked graph of the model."""
    graph = import_onnx(model.SerializeToString(), "m.onnx", **options)
    check_graph(graph)
    return graph


def expected(model: onnx.ModelProto, feeds: Mapping[str, Array]) -> list[Array]:
    """The outputs that the model means."""
    try:
        import onnxruntime
    except ImportError:
        with np.errstate(all="ignore"):
            return list(ReferenceEvaluator(model).run(None, dict(feeds)))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return list(onnxruntime.InferenceSession(typed(model).SerializeToString(), options).run(None, dict(feeds)))


def typed(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with the types of its outputs, which onnxruntime asks for."""
    return onnx.shape_inference.infer_shapes(onnx.inliner.inline_local_functions(model))


def check(model: onnx.ModelProto, *, tolerance: float = 1e-5, **options: Any) -> Graph:
    """The graph, whose outputs are what the model means, names and shapes included."""
    graph = imported(model, **options)
    rng = np.random.default_rng(5)
    tensors = [graph.tensors[index] for index in graph.inputs]
    feeds = {t.name: values(*t.shape, seed=int(rng.integers(99)), dtype=t.dtype.name) for t in tensors}
    frozen = dict(options.get("constants", {}))
    wanted = expected(model, feeds | frozen)
    with np.errstate(all="ignore"):
        found = run(graph, {name: data[np.newaxis] for name, data in feeds.items()}, engine="numpy")
    assert [graph.tensors[index].name for index in graph.outputs] == [o.name for o in model.graph.output]
    for ours, theirs in zip(found, wanted, strict=True):
        assert (ours[0].shape, ours.dtype) == (theirs.shape, theirs.dtype)
        limit = tolerance * float(np.abs(theirs).max()) if theirs.dtype.kind == "f" else 0
        np.testing.assert_allclose(ours[0], theirs, rtol=tolerance if limit else 0, atol=limit)
    return graph


def ops(graph: Graph) -> list[str]:
    """The operators, in order."""
    return [layer.op for layer in graph.layers]
