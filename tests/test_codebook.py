from __future__ import annotations

import numpy as np
import pytest

from simref.codebook import Codebook


def codebook(shape: tuple[int, ...], entries: int, *, groups: int = 1, axis: int = 0) -> Codebook:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(groups, entries)).astype(np.float32)
    return Codebook(values, rng.integers(0, entries, shape, dtype=np.uint8), axis)


@pytest.mark.parametrize(
    ("shape", "entries", "groups", "axis", "nbytes"),
    [
        ((10, 2048), 16, 1, 0, 10_304),
        ((128, 128), 256, 1, 0, 17_408),
        ((10, 2048), 16, 10, 0, 10_880),
        ((3, 5), 16, 1, 0, 64 + 8),
        ((1, 3, 3, 8), 16, 1, 3, 64 + 36),
        ((1, 3, 3, 8), 256, 8, 3, 8 * 1024 + 72),
    ],
)
def test_stored_bytes(shape: tuple[int, ...], entries: int, groups: int, axis: int, nbytes: int) -> None:
    assert codebook(shape, entries, groups=groups, axis=axis).nbytes == nbytes


@pytest.mark.parametrize(("shape", "axis"), [((4, 3, 2), 0), ((1, 3, 2, 4), 3)])
def test_decodes_by_channel(shape: tuple[int, ...], axis: int) -> None:
    found = codebook(shape, 16, groups=4, axis=axis)
    weights = found.decode()
    assert weights.dtype == np.float32
    assert weights.shape == shape
    assert weights.flags.c_contiguous
    for place in np.ndindex(shape):
        assert weights[place] == found.values[place[axis], found.indices[place]]


def test_decodes_with_one_table() -> None:
    found = codebook((4, 3), 256)
    np.testing.assert_array_equal(found.decode(), found.values[0][found.indices])
    assert (found.bits, found.groups, found.channels) == (8, 1, 4)


def test_refuses_contradictions() -> None:
    indices = np.zeros((4, 3), np.uint8)
    for values in (np.zeros((1, 15), np.float32), np.zeros((3, 16), np.float32)):
        with pytest.raises(ValueError, match="values for 4 channels"):
            Codebook(values, indices)
    with pytest.raises(ValueError, match="must be below 16"):
        Codebook(np.zeros((1, 16), np.float32), indices + np.uint8(16))
