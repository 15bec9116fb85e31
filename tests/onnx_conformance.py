"""ONNX's own node tests through the importer and the reference: `python -m tests.onnx_conformance [part of a name]`.

A test passes when the outputs of the reference equal the stored ones. Inputs that the importer refuses at run time
are frozen at the test's values: the empty ones, then those of integers and booleans, then all but the first.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from simref.errors import SimrefError
from simref.graph import Array
from simref.importers.onnx import import_onnx
from simref.interpreter import run
from simref.ops.cast import CASTABLE

PASS, REFUSED, WRONG, CRASHED = "pass", "refused", "wrong", "crashed"
KINDS = (PASS, REFUSED, WRONG, CRASHED)
# The operators that this project promises to read.
_LISTED = """
    Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Celu Clip Concat Conv ConvTranspose Cos
    DepthToSpace DequantizeLinear Div Elu Equal Erf Exp Expand Flatten Floor Gather Gelu Gemm GlobalAveragePool
    GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GRU HardSigmoid HardSwish InstanceNormalization IsInf IsNaN
    LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LpPool LSTM MatMul Max MaxPool Mean Min Mish Mod Mul
    Neg Not Or Pad Pow PRelu QLinearConv QLinearMatMul QuantizeLinear Reciprocal ReduceL1 ReduceL2 ReduceLogSum
    ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize RNN Round
    Selu Shrink Sigmoid Sign Sin Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tanh
    ThresholdedRelu Tile TopK Transpose Unsqueeze Upsample Where Xor
"""
LISTED = frozenset(_LISTED.split())
# No kernel computes with the others: floats of 8 bits and fewer, integers of 4 bits and fewer, bfloat16, text.
COMPUTED = CASTABLE
# The stored half floats were rounded after each step of a computation: half a unit in the last place is 2^-11.
HALF_TOLERANCE = 4 * 2.0**-11


@dataclass(frozen=True)
class Outcome:
    """What became of one test. listed: all its operators are. computed: all its types are, and no array is empty."""

    name: str
    operators: tuple[str, ...]
    result: str
    reason: str
    listed: bool
    computed: bool


@cache
def cases() -> tuple[Any, ...]:
    """The node tests of the installed package."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"):
            return tuple(case for case in collect_testcases(None) if case.model is not None)


def outcomes(part: str = "") -> list[Outcome]:
    """One outcome for each test whose name contains `part`."""
    return [outcome(case) for case in cases() if part in case.name]


def outcome(case: Any) -> Outcome:
    """Import and run one test."""
    operators = tuple(sorted({f"{n.domain}.{n.op_type}" if n.domain else n.op_type for n in case.model.graph.node}))
    result, reason = _tried(case)
    return Outcome(case.name, operators, result, reason, set(operators) <= LISTED, _computed(case))


def _computed(case: Any) -> bool:
    arrays = [_array(array) for pair in case.data_sets for part in pair for array in part]
    return all(isinstance(array, np.ndarray) and array.dtype.name in COMPUTED and array.size for array in arrays)


def _array(value: Any) -> Any:
    """Some operands are stored as ONNX's own tensors."""
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def _tried(case: Any) -> tuple[str, str]:
    try:
        data = case.model.SerializeToString()
        for number, (inputs, outputs) in enumerate(case.data_sets):
            given = dict(zip((i.name for i in case.model.graph.input), map(_array, inputs), strict=False))
            found, reason = _compared(data, given, outputs, (case.rtol, case.atol))
            if found != PASS:
                return found, f"data set {number}: {reason}"
    except SimrefError as error:
        # The importer calls malformed what it did not foresee: of a valid model that is a fault of its own.
        return CRASHED if "malformed" in str(error) else REFUSED, str(error)
    except Exception as error:
        return CRASHED, f"{type(error).__name__}: {error}"
    return PASS, ""


def _compared(
    data: bytes, given: Mapping[str, Any], outputs: Sequence[Any], tolerance: tuple[float, float]
) -> tuple[str, str]:
    refusal: SimrefError | None = None
    for frozen in _frozen(given):
        constants = {name: given[name] for name in frozen}
        arrays = {name: value for name, value in given.items() if isinstance(value, np.ndarray)}
        shapes = {name: array.shape for name, array in arrays.items() if name not in constants and array.size}
        try:
            graph = import_onnx(data, "test", constants=constants, input_shapes=shapes)
        except SimrefError as error:
            refusal = error
            continue
        free = {name: np.asarray(given[name])[np.newaxis] for name in given if name not in frozen}
        with np.errstate(all="ignore"):
            computed = run(graph, free, engine="numpy")
        return _equal(computed, outputs, tolerance)
    assert refusal is not None
    raise refusal


def _frozen(given: Mapping[str, Any]) -> Iterable[list[str]]:
    arrays = {name: value for name, value in given.items() if isinstance(value, np.ndarray)}
    empty = [name for name, array in arrays.items() if not array.size]
    yield empty
    integers = [name for name, array in arrays.items() if array.dtype.kind != "f" or not array.size]
    if integers != empty:
        yield integers
    yield list(given)[1:]


def _equal(computed: Sequence[Array], outputs: Sequence[Any], tolerance: tuple[float, float]) -> tuple[str, str]:
    for position, (ours, theirs) in enumerate(zip(computed, outputs, strict=True)):
        wanted = np.asarray(_array(theirs))
        if ours[0].shape != wanted.shape or ours.dtype != wanted.dtype:
            return WRONG, f"output {position} is {ours[0].shape} {ours.dtype}, must be {wanted.shape} {wanted.dtype}"
        exact = wanted.dtype.kind != "f"
        rtol, atol = (0.0, 0.0) if exact else tolerance
        if wanted.dtype == np.float16:
            rtol = max(rtol, HALF_TOLERANCE)
        if not np.allclose(ours[0], wanted, rtol=rtol, atol=atol, equal_nan=True):
            return WRONG, f"output {position} is {ours[0].ravel()[:6]}, must be {wanted.ravel()[:6]}"
    return PASS, ""


def parts(found: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """All tests, those of listed operators, and of these those of types that kernels compute with."""
    listed = [o for o in found if o.listed]
    return {
        "all tests": list(found),
        "of listed operators": listed,
        "of these, with types that kernels compute with": [o for o in listed if o.computed],
    }


def passed(part: Sequence[Outcome]) -> float:
    """The share of tests that pass."""
    return sum(o.result == PASS for o in part) / max(len(part), 1)


def totals(found: Sequence[Outcome]) -> list[str]:
    """One line for each of the parts."""
    lines = []
    for title, part in parts(found).items():
        counts = Counter(o.result for o in part)
        told = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
        lines.append(f"{title}: {len(part)}, {told} ({100 * passed(part):.1f} %)")
    return lines


def summary(found: Sequence[Outcome]) -> str:
    """The totals, and why what does not pass does not."""
    failed = [o for o in found if o.result != PASS]
    kinds = {(True, True): "computed", (True, False): "listed"}
    lines = [f"{o.result:8}{kinds.get((o.listed, o.computed), ''):9}{o.name}: {o.reason}" for o in failed]
    return "\n".join([*totals(found), *lines])


if __name__ == "__main__":
    print(f"onnx {onnx.__version__}")
    print(summary(outcomes(*sys.argv[1:])))
