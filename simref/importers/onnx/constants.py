"""Nodes whose operands are all known are computed at import, by ONNX's own reference evaluator.

Exporters leave arithmetic on shapes in a model, and constants as chains of small nodes. Each such node is evaluated as
a model of its own. Shape inference says how large the result will be before it is made; the operators below do work
in proportion to their operands and their result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from simref.errors import ModelError, UnsupportedError
from simref.graph import Array, Shape
from simref.importers._untrusted import one_line
from simref.importers.onnx.reader import Node
from simref.importers.onnx.tensor import DTYPES

# A result may be larger than its operands by this many elements, all results of a model together by so many.
MAX_GROWTH = 1 << 20
MAX_TOTAL = 1 << 26
# Operands up to this size are shown to shape inference: axes, sizes, repeats.
MAX_SHOWN = 1 << 10

_NAMES = """
    Abs Add And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Clip Concat
    ConstantOfShape Cos CumSum DepthToSpace Div Equal Erf Exp Expand EyeLike Flatten Floor Gather GatherElements
    GatherND Greater GreaterOrEqual HardSigmoid IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Mul Neg Not
    OneHot Or Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare Relu Reshape Round ScatterElements ScatterND Sigmoid Sign Sin Size Slice Softmax SpaceToDepth
    Split Sqrt Squeeze Sub Sum Tanh Tile TopK Transpose Trilu Unsqueeze Where Xor
"""
# Their results are at most as large as their operands, however large that is.
_SIZE_OF_OPERAND = frozenset(("NonZero", "Compress", "Unique"))
_EVALUATED = _SIZE_OF_OPERAND.union(_NAMES.split())
# These walk their operands in Python.
_SLOW = frozenset(("GatherElements", "GatherND", "ScatterElements", "ScatterND", "Unique", "CumSum", "TopK"))
MAX_SLOW = 1 << 16

_KINDS = {np.dtype(name): kind for kind, name in DTYPES.items()}


class Evaluator:
    """Evaluates nodes of one model, within a budget of elements."""

    def __init__(self) -> None:
        self._left = MAX_TOTAL

    def evaluate(self, node: Node, operands: Sequence[Array | None]) -> list[Array] | None:
        """The node's outputs, or None where it is none of the operators above.

        Raises ModelError where its operands contradict each other, UnsupportedError for results that are too large.
        """
        if node.domain or node.op not in _EVALUATED:
            return None
        if any(x is not None and x.dtype not in _KINDS for x in operands):
            return None
        if node.op == "Range":  # exporters write its numbers as lists of one
            operands = [x.reshape(()) if x is not None and x.size == 1 else x for x in operands]
        elements = sum(x.size for x in operands if x is not None)
        if node.op in _SLOW and elements > MAX_SLOW:
            raise UnsupportedError(f"{node}: it has {elements} constant elements, must have at most {MAX_SLOW}")
        try:
            return self._results(node, operands, elements)
        except UnsupportedError:
            raise
        except Exception as error:  # the evaluator raises whatever NumPy and its own checks do
            raise ModelError(f"{node}: its operands contradict each other ({one_line(error)})") from error

    def _results(self, node: Node, operands: Sequence[Array | None], elements: int) -> list[Array]:
        # Imported here because most of the package's import time is the evaluator's.
        from onnx.reference import ReferenceEvaluator

        model = _single(node, operands)
        expected = 0 if node.op in _SIZE_OF_OPERAND else _elements(model)
        if expected > elements + MAX_GROWTH or expected > self._left:
            raise UnsupportedError(f"{node}: its constant result has {expected} elements, which is too large")
        feeds = {f"x{k}": x for k, x in enumerate(operands) if x is not None}
        with np.errstate(all="ignore"):
            results = ReferenceEvaluator(model).run(None, feeds)
        named = iter([np.asarray(result) for result in results])
        arrays = [next(named, None) if name else np.zeros(0) for name in node.outputs]
        found = [array for array in arrays if array is not None]
        if len(found) < len(arrays):
            raise ValueError("it has fewer results than outputs")
        self._left -= sum(array.size for array in found)
        return found


def _single(node: Node, operands: Sequence[Array | None]) -> Any:
    """A model of that node alone, its inputs named x0, x1 …, its outputs y0, y1 …."""
    proto = onnx.NodeProto()
    proto.CopyFrom(node.proto)
    del proto.input[:]
    proto.input.extend(f"x{k}" if x is not None else "" for k, x in enumerate(operands))
    outputs = [f"y{k}" if name else "" for k, name in enumerate(node.outputs)]
    del proto.output[:]
    proto.output.extend(outputs)
    inputs = [
        helper.make_tensor_value_info(f"x{k}", _KINDS[x.dtype], x.shape)
        for k, x in enumerate(operands)
        if x is not None
    ]
    shown = [
        numpy_helper.from_array(np.ascontiguousarray(x).reshape(x.shape), f"x{k}")
        for k, x in enumerate(operands)
        if x is not None and x.size <= MAX_SHOWN
    ]
    made = [onnx.ValueInfoProto(name=name) for name in outputs if name]
    graph = helper.make_graph([proto], "constant", inputs, made, shown)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", node.opset)], ir_version=onnx.IR_VERSION)


def _elements(model: Any) -> int:
    """How many elements the model's outputs have, as shape inference finds it. Raises ValueError where it cannot."""
    inferred = onnx.shape_inference.infer_shapes(model, check_type=False, strict_mode=True, data_prop=True)
    total = 0
    for output in inferred.graph.output:
        dims = output.type.tensor_type.shape.dim
        if not output.type.tensor_type.HasField("shape") or not all(dim.HasField("dim_value") for dim in dims):
            raise ValueError("the shape of its result depends on values")
        total += math.prod(dim.dim_value for dim in dims)
    return total


def shape_or_size(node: Node, shape: Shape) -> list[Array] | None:
    """The result of Shape or Size of a value of that shape."""
    if node.op == "Size":
        return [np.array(math.prod(shape), np.int64)]
    if node.op != "Shape":
        return None
    start, end = node.get("start", 0), node.get("end", len(shape))
    return [np.array(shape[slice(start, end)], np.int64)]
