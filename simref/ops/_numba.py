"""Compiled twins of the heavy kernels; imported only where they run, because importing Numba takes long."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simref.graph import Array


@njit(cache=True, nogil=True, inline="always")
def scaled(total: Any, multiplier: Any, shift: Any) -> Any:
    """fixedpoint.multiply_by_quantized_multiplier of one int64."""
    if shift >= 0:
        return (np.int64(np.int32(total << shift)) * multiplier + (1 << 30)) >> 31
    high = (total * multiplier + (1 << 30)) >> 31
    return (high + (1 << (-1 - shift)) - (1 if high < 0 else 0)) >> -shift


@njit(cache=True, nogil=True)
def requantize_rows(
    sums: Array, bias: Array, multiplier: Array, shift: Array, zero_point: Any, low: Any, high: Any
) -> Any:
    """int8 (rows, channels) of exact float sums (rows, channels)."""
    rows, channels = sums.shape
    y = np.empty((rows, channels), np.int8)
    for r in range(rows):
        for c in range(channels):
            value = scaled(np.int64(np.int32(np.int64(sums[r, c]) + bias[c])), multiplier[c], shift[c]) + zero_point
            y[r, c] = min(max(value, low), high)
    return y


@njit(cache=True, nogil=True)
def round_rows(sums: Array, reals: Array, zero_point: Any, low: Any, high: Any) -> Any:
    """int8 (rows, channels) of sums times one real per channel, ties away from zero."""
    rows, channels = sums.shape
    y = np.empty((rows, channels), np.int8)
    for r in range(rows):
        for c in range(channels):
            value = sums[r, c] * reals[c]
            whole = np.trunc(value)
            if abs(value - whole) >= 0.5:
                whole += np.sign(value)
            y[r, c] = min(max(np.int64(whole) + zero_point, low), high)
    return y


@njit(cache=True, nogil=True)
def depthwise_images(
    x: Array,
    weights: Array,
    bias: Array,
    shape: Any,
    stride: Any,
    dilation: Any,
    multiplier: Array,
    shift: Array,
    zero_point: Any,
    low: Any,
    high: Any,
) -> Any:
    """int8 (*shape, channels) of padded images whose channels repeat as the weights (height, width, channels) ask."""
    images, height, width = shape
    channels = len(bias)
    y = np.empty((images, height, width, channels), np.int8)
    sums = np.empty(channels, np.int32)
    for n in range(images):
        for i in range(height):
            for j in range(width):
                sums[:] = 0
                for k in range(weights.shape[0]):
                    for m in range(weights.shape[1]):
                        seen = x[n, i * stride[0] + k * dilation[0], j * stride[1] + m * dilation[1]]
                        tap = weights[k, m]
                        for c in range(channels):
                            sums[c] += np.int32(seen[c]) * np.int32(tap[c])
                for c in range(channels):
                    value = (
                        scaled(np.int64(np.int32(np.int64(sums[c]) + bias[c])), multiplier[c], shift[c]) + zero_point
                    )
                    y[n, i, j, c] = min(max(value, low), high)
    return y


@njit(cache=True, nogil=True)
def average_images(x: Array, size: Any, kernel: Any, stride: Any, before: Any, low: Any, high: Any) -> Any:
    """int8 (images, *size, channels): means of the parts of windows inside x, ties away from zero."""
    images, height, width, channels = x.shape
    y = np.empty((images, size[0], size[1], channels), np.int8)
    sums = np.empty(channels, np.int32)
    for n in range(images):
        for i in range(size[0]):
            top, bottom = max(i * stride[0] - before[0], 0), min(i * stride[0] - before[0] + kernel[0], height)
            for j in range(size[1]):
                left, right = max(j * stride[1] - before[1], 0), min(j * stride[1] - before[1] + kernel[1], width)
                sums[:] = 0
                for r in range(top, bottom):
                    for q in range(left, right):
                        for c in range(channels):
                            sums[c] += x[n, r, q, c]
                count = (bottom - top) * (right - left)
                for c in range(channels):
                    mean = (abs(sums[c]) + count // 2) // count
                    y[n, i, j, c] = min(max(mean if sums[c] > 0 else -mean, low), high)
    return y


@njit(cache=True, nogil=True)
def largest_images(x: Array, size: Any, kernel: Any, stride: Any, before: Any, low: Any, high: Any) -> Any:
    """int8 (images, *size, channels): the largest elements of the parts of windows inside x."""
    images, height, width, channels = x.shape
    y = np.empty((images, size[0], size[1], channels), np.int8)
    for n in range(images):
        for i in range(size[0]):
            top, bottom = max(i * stride[0] - before[0], 0), min(i * stride[0] - before[0] + kernel[0], height)
            for j in range(size[1]):
                left, right = max(j * stride[1] - before[1], 0), min(j * stride[1] - before[1] + kernel[1], width)
                for c in range(channels):
                    largest = np.int64(low)
                    for r in range(top, bottom):
                        for q in range(left, right):
                            largest = max(largest, np.int64(x[n, r, q, c]))
                    y[n, i, j, c] = min(largest, high)
    return y
