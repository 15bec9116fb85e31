"""ONNX's own node tests through the importer and the reference: `python -m tests.onnx_conformance [part of a name]`.

A test passes when the outputs of the reference equal the stored ones. Inputs that the importer refuses at run time
are frozen at the test's values: first those of integers and booleans, then all but the first.
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

from simref.errors import SimrefError
from simref.graph import Array
from simref.importers.onnx import CONVERTERS, import_onnx
from simref.interpreter import run

PASS, REFUSED, WRONG, CRASHED = "pass", "refused", "wrong", "crashed"
# Types that no kernel computes with: tests of them are refused by design, and not counted among the listed ones.
COMPUTED = ("float32", "int8", "uint8", "int16", "int32", "int64", "bool")


@dataclass(frozen=True)
class Outcome:
    """What became of one test. listed: all its operators have converters, all its types kernels."""

    name: str
    operators: tuple[str, ...]
    result: str
    reason: str
    listed: bool


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
    return Outcome(case.name, operators, result, reason, set(operators) <= set(CONVERTERS) and _computed(case))


def _computed(case: Any) -> bool:
    arrays = [array for pair in case.data_sets for part in pair for array in part]
    return all(isinstance(array, np.ndarray) and array.dtype.name in COMPUTED and array.size for array in arrays)


def _tried(case: Any) -> tuple[str, str]:
    try:
        data = case.model.SerializeToString()
        for number, (inputs, outputs) in enumerate(case.data_sets):
            given = dict(zip((i.name for i in case.model.graph.input), inputs, strict=False))
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
    yield []
    integers = [name for name, value in given.items() if isinstance(value, np.ndarray) and value.dtype.kind != "f"]
    if integers:
        yield integers
    yield list(given)[1:]


def _equal(computed: Sequence[Array], outputs: Sequence[Any], tolerance: tuple[float, float]) -> tuple[str, str]:
    for position, (ours, theirs) in enumerate(zip(computed, outputs, strict=True)):
        wanted = np.asarray(theirs)
        if ours[0].shape != wanted.shape or ours.dtype != wanted.dtype:
            return WRONG, f"output {position} is {ours[0].shape} {ours.dtype}, must be {wanted.shape} {wanted.dtype}"
        exact = wanted.dtype.kind != "f"
        rtol, atol = (0.0, 0.0) if exact else tolerance
        if not np.allclose(ours[0], wanted, rtol=rtol, atol=atol, equal_nan=True):
            return WRONG, f"output {position} is {ours[0].ravel()[:6]}, must be {wanted.ravel()[:6]}"
    return PASS, ""


def summary(found: Sequence[Outcome]) -> str:
    """Counts overall and of the listed tests, and the reasons."""
    lines = [
        f"{title}: {len(part)} tests, " + ", ".join(f"{Counter(o.result for o in part)[kind]} {kind}" for kind in KINDS)
        for title, part in (("all", found), ("listed", [o for o in found if o.listed]))
    ]
    lines += [f"{o.result:8}{' listed' if o.listed else '':8}{o.name}: {o.reason}" for o in found if o.result != PASS]
    return "\n".join(lines)


KINDS = (PASS, REFUSED, WRONG, CRASHED)

if __name__ == "__main__":
    print(f"onnx {onnx.__version__}")
    print(summary(outcomes(*sys.argv[1:])))
