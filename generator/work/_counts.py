"""Counts of executions by name, and those of the copies and fills that kernels leave to memcpy and memset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from simref.ops._op import Value

Params = Mapping[str, Value]
Counts = dict[str, float]
Count = Callable[[Params], Counts]
Int64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

_WORD = 4
_SHORT = 16  # SIMREF_SHORT of runtime_c/support/memory.c


def integer(params: Params, name: str) -> int:
    """A parameter that is one integer."""
    value = params[name]
    if not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {type(value).__name__}, must be an integer")
    return int(value)


def integers(params: Params, name: str) -> Int64:
    """A parameter that is a row of integers."""
    return np.asarray(params[name], np.int64)


def merged(*parts: Counts) -> Counts:
    """The sum of counts by name."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def times(factor: int, part: Counts) -> Counts:
    """Every count so many times."""
    return {name: factor * count for name, count in part.items()}


def narrowing(params: Params, bytes_each: int, calls: int, prefix: str = "") -> Counts:
    """The pass that `simref_narrow` makes over the output where its range is not that of int8."""
    if integer(params, f"{prefix}low") <= -128 and integer(params, f"{prefix}high") >= 127:
        return {}
    return {"narrow": calls, "narrow_bytes": calls * bytes_each}


def copies(size: int, target: Int64, source: Int64) -> Counts:
    """memcpy of `size` bytes, once for each pair of target and source addresses (arrays that broadcast)."""
    if size < _SHORT:
        count = np.broadcast(target, source).size
        return {"copy": count, "copy_bytes": count * size}
    keys = np.asarray(target % _WORD * _WORD + source % _WORD, np.int64)
    pairs = np.bincount(keys.ravel(), minlength=_WORD * _WORD)
    parts = [_long_copy(size, key // _WORD, key % _WORD, int(n)) for key, n in enumerate(pairs) if n]
    return merged(*parts)


def _long_copy(size: int, target: int, source: int, count: int) -> Counts:
    head = -target % _WORD
    words, tail = divmod(size - head, _WORD)
    kind = "copy_words" if (source + head) % _WORD == 0 else "copy_unaligned"
    return {
        kind: count,
        f"{kind}_quads": count * (words // 4),
        f"{kind}_rest": count * (words % 4),
        "copy_bytes": count * (head + tail),
    }


def fills(size: int, target: Int64) -> Counts:
    """memset of `size` bytes at each of the addresses."""
    if size < _SHORT:
        return {"fill": target.size, "fill_bytes": target.size * size}
    heads = np.bincount((-target % _WORD).ravel(), minlength=_WORD)
    return merged(*(_long_fill(size, head, int(n)) for head, n in enumerate(heads) if n))


def _long_fill(size: int, head: int, count: int) -> Counts:
    words, tail = divmod(size - head, _WORD)
    return {
        "fill_words": count,
        "fill_quads": count * (words // 4),
        "fill_rest": count * (words % 4),
        "fill_bytes": count * (head + tail),
    }
