"""How far two arrays are apart: exact mismatches, and the metrics by which networks are compared.

The metrics are those of the vendor's `validate`, from the formulas of its article "evaluation report and metrics"
(r2.7), in float64. `reference` is the original network, `found` the one that is judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simref.graph import Array, Tensor

_FLOAT32_EPSILON = float(np.finfo(np.float32).eps)


def mismatches(found: Array, expected: Array) -> NDArray[np.bool_]:
    """Where two arrays of one shape and dtype differ in their bits: -0.0 is not 0.0.

    Any NaN equals any NaN: its sign and payload differ from machine to machine, and nothing here reads them.
    """
    unequal: NDArray[np.bool_] = _bits(found) != _bits(expected)
    if expected.dtype.kind == "f":
        unequal &= ~(np.isnan(found) & np.isnan(expected))
    return unequal


def _bits(array: Array) -> Array:
    contiguous = np.ascontiguousarray(array)
    return contiguous.view(np.dtype(f"u{contiguous.dtype.itemsize}"))


def reals(tensor: Tensor, values: Array) -> NDArray[np.float64]:
    """The real numbers that values of a tensor stand for, in float64: quantized ones by its scale and zero point."""
    plain = values.astype(np.float64)
    if tensor.quantization is None or tensor.dtype.kind == "f":
        return plain
    scale, zero_point = tensor.quantization.scale.astype(np.float64), tensor.quantization.zero_point
    if tensor.per_channel:
        axis = values.ndim - len(tensor.shape) + int(tensor.quantization.axis or 0)
        along = [1] * values.ndim
        along[axis] = -1
        scale, zero_point = scale.reshape(along), zero_point.reshape(along)
    return np.asarray((plain - zero_point) * scale)


@dataclass(frozen=True)
class Distance:
    """Metrics of one tensor over all samples, as reals.

    rmse, mae: root mean square and mean absolute error. mean, std: of reference - found. l2r: the norm of the error
    over that of `found`. nse: 1 - mean square error over the variance of the reference, best 1. cos: the cosine between
    the two, best 1. snr: 10 log10 of the power of the reference over that of the error, in dB. largest: the largest
    absolute error.
    """

    rmse: float
    mae: float
    mean: float
    std: float
    l2r: float
    nse: float
    cos: float
    snr: float
    largest: float


class DistanceSums:
    """Collects two arrays in parts, such as batches of samples, and gives their `Distance`."""

    def __init__(self) -> None:
        self._elements = 0
        # Of errors e = a - b: squares, magnitudes, themselves; of reference a and found b: a, a*a, b*b, a*b.
        self._sums = np.zeros(7)
        self._largest = 0.0

    def add(self, reference: Array, found: Array) -> None:
        """Add a part; both arrays have one shape. Raises ValueError where they differ."""
        if reference.shape != found.shape:
            raise ValueError(f"arrays have the shapes {reference.shape} and {found.shape}, must be equal")
        a, b = (np.asarray(x, np.float64).ravel() for x in (reference, found))
        e = a - b
        self._elements += a.size
        self._sums += [e @ e, np.abs(e).sum(), e.sum(), a.sum(), a @ a, b @ b, a @ b]
        self._largest = max(self._largest, float(np.abs(e).max(initial=0.0)))

    def result(self) -> Distance:
        """The metrics of all parts. Raises ValueError where nothing was added."""
        if self._elements == 0:
            raise ValueError("two empty arrays have no distance")
        squares, magnitudes, errors, total, reference, found, product = map(float, self._sums)
        n = self._elements
        norms = (reference * found) ** 0.5
        variance = max(reference / n - (total / n) ** 2, 0.0)
        return Distance(
            rmse=(squares / n) ** 0.5,
            mae=magnitudes / n,
            mean=errors / n,
            std=max(squares / n - (errors / n) ** 2, 0.0) ** 0.5,
            l2r=squares**0.5 / (found**0.5 + _FLOAT32_EPSILON),
            nse=1 - squares / n / (variance + _FLOAT32_EPSILON),
            cos=product / norms if norms else float(reference == found),
            snr=math.inf if not squares else 10 * math.log10(reference / squares) if reference else -math.inf,
            largest=self._largest,
        )


def labels_of(outputs: Array) -> NDArray[np.int64]:
    """The class of each sample: the position of the largest output, the first of equal ones.

    outputs: (samples, *shape) with one score per class in each sample, or one score, which is cut at one half.
    """
    scores = outputs.reshape(len(outputs), -1)
    if scores.shape[1] == 1:
        return (scores[:, 0] >= 0.5).astype(np.int64)
    return np.asarray(scores.argmax(axis=1), np.int64)


def accuracy(labels: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """The share of samples whose class was found."""
    return float(np.mean(labels == found))


def confusion_matrix(labels: NDArray[np.int64], found: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """(classes, classes): row the true class, column the found one, counts of samples."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (labels, found), 1)
    return matrix
