from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from simref.graph import Quantization, Tensor
from simref.metrics import DistanceSums, accuracy, confusion_matrix, labels_of, mismatches, reals


def test_mismatches_are_of_bits_and_any_nan_is_nan() -> None:
    a = np.array([0.0, -0.0, np.nan, 1.0, 2.0], np.float32)
    b = np.array([-0.0, -0.0, -np.nan, 1.0, np.nan], np.float32)
    assert mismatches(a, b).tolist() == [True, False, False, False, True]
    assert mismatches(np.array([1, 2], np.int8), np.array([1, 3], np.int8)).tolist() == [False, True]


def test_distances_follow_their_formulas_in_whatever_parts_the_arrays_come() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(2, 3, (50, 7))
    b = a + rng.normal(0.1, 0.2, a.shape)
    parts = DistanceSums()
    for rows in np.array_split(np.arange(50), 7):
        parts.add(a[rows], b[rows])
    found, error = parts.result(), a - b
    square = np.mean(error**2)
    expected = {
        "rmse": math.sqrt(square),
        "mae": np.abs(error).mean(),
        "mean": error.mean(),
        "std": error.std(),
        "l2r": np.linalg.norm(error) / (np.linalg.norm(b) + np.finfo(np.float32).eps),
        "nse": 1 - square / (a.std() ** 2 + np.finfo(np.float32).eps),
        "cos": np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)),
        "snr": 10 * np.log10(np.mean(a**2) / square),
        "largest": np.abs(error).max(),
    }
    for name, value in dataclasses.asdict(found).items():
        assert value == pytest.approx(expected[name], rel=1e-9), name


def test_equal_and_empty_arrays() -> None:
    sums = DistanceSums()
    with pytest.raises(ValueError, match="empty"):
        sums.result()
    sums.add(np.ones(4), np.ones(4))
    assert (sums.result().rmse, sums.result().l2r, sums.result().cos) == (0, 0, 1)
    assert sums.result().snr == math.inf
    with pytest.raises(ValueError, match="shapes"):
        sums.add(np.ones(4), np.ones(5))


def test_reals_of_quantized_values() -> None:
    per_tensor = Quantization(np.array([0.5], np.float32), np.array([3]))
    x = Tensor("x", (1, 2), np.dtype(np.int8), per_tensor)
    assert reals(x, np.array([[[3, 5]]], np.int8)).tolist() == [[[0.0, 1.0]]]
    channels = Quantization(np.array([0.5, 2.0], np.float32), np.array([0, 1]), axis=1)
    y = Tensor("y", (1, 2), np.dtype(np.int8), channels)
    assert reals(y, np.array([[[4, 4]]], np.int8)).tolist() == [[[2.0, 6.0]]]


def test_classes() -> None:
    assert labels_of(np.array([[0.1, 0.8], [0.9, 0.3]])).tolist() == [1, 0]
    assert labels_of(np.array([[[0.2]], [[0.5]]])).tolist() == [0, 1]
    truth, found = np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2])
    assert accuracy(truth, found) == 0.75
    assert confusion_matrix(truth, found, 3).tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
