"""Compiled twins of the float32 sums of products; imported only where they run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simref.graph import Array
from simref.ops._numba_float32 import multiply_add


@njit(cache=True, nogil=True)
def convolution_sums(x: Array, weights: Array, size: Any, stride: Any, dilation: Any, groups: Any, fused: Any) -> Any:
    """_convolution_f32.convolution_sums; weights (groups, height, width, depth, share)."""
    images, (height, width) = x.shape[0], size
    _, kernel_height, kernel_width, depth, share = weights.shape
    y = np.zeros((images, height, width, groups * share), np.float32)
    for n in range(images):
        for i in range(height):
            for g in range(groups):
                for k in range(kernel_height):
                    for m in range(kernel_width):
                        for c in range(depth):
                            w = weights[g, k, m, c]
                            row = x[n, i * stride[0] + k * dilation[0], :, g * depth + c]
                            for j in range(width):
                                sums = y[n, i, j, g * share : (g + 1) * share]
                                value = row[j * stride[1] + m * dilation[1]]
                                for o in range(share):
                                    sums[o] = multiply_add(value, w[o], sums[o], fused)
    return y


@njit(cache=True, nogil=True)
def depthwise_sums(x: Array, weights: Array, size: Any, stride: Any, dilation: Any, fused: Any) -> Any:
    """float32 (images, *size, channels) of padded images; weights (height, width, channels)."""
    images, (height, width), channels = x.shape[0], size, x.shape[3]
    y = np.zeros((images, height, width, channels), np.float32)
    for n in range(images):
        for i in range(height):
            for k in range(weights.shape[0]):
                for m in range(weights.shape[1]):
                    w = weights[k, m]
                    row = x[n, i * stride[0] + k * dilation[0]]
                    for j in range(width):
                        sums, seen = y[n, i, j], row[j * stride[1] + m * dilation[1]]
                        for c in range(channels):
                            sums[c] = multiply_add(seen[c], w[c], sums[c], fused)
    return y


@njit(cache=True, nogil=True)
def summed_images(x: Array, size: Any, kernel: Any, stride: Any, dilation: Any, before: Any) -> Any:
    """float32 (images, *size, channels): the sums, from +0.0 on, of the parts of windows inside x."""
    images, height, width, channels = x.shape
    y = np.zeros((images, size[0], size[1], channels), np.float32)
    for n in range(images):
        for i in range(size[0]):
            for j in range(size[1]):
                for k in range(kernel[0]):
                    for m in range(kernel[1]):
                        r = i * stride[0] - before[0] + k * dilation[0]
                        q = j * stride[1] - before[1] + m * dilation[1]
                        if 0 <= r < height and 0 <= q < width:
                            for c in range(channels):
                                y[n, i, j, c] += x[n, r, q, c]
    return y


@njit(cache=True, nogil=True)
def largest_images(x: Array, size: Any, kernel: Any, stride: Any, dilation: Any, before: Any) -> Any:
    """float32 (images, *size, channels): the largest elements of the parts of windows inside x; no NaN is."""
    images, height, width, channels = x.shape
    y = np.full((images, size[0], size[1], channels), -np.inf, np.float32)
    for n in range(images):
        for i in range(size[0]):
            for j in range(size[1]):
                for k in range(kernel[0]):
                    for m in range(kernel[1]):
                        r = i * stride[0] - before[0] + k * dilation[0]
                        q = j * stride[1] - before[1] + m * dilation[1]
                        if 0 <= r < height and 0 <= q < width:
                            for c in range(channels):
                                value, largest = x[n, r, q, c], y[n, i, j, c]
                                y[n, i, j, c] = value if value > largest else largest
    return y


@njit(cache=True, nogil=True)
def matrix_products(a: Array, b: Array, fused: Any) -> Any:
    """float32 (count, rows, columns) of a (count, rows, depth) and b (count, depth, columns)."""
    count, rows, depth = a.shape
    y = np.zeros((count, rows, b.shape[2]), np.float32)
    for n in range(count):
        for i in range(rows):
            sums = y[n, i]
            for k in range(depth):
                value, w = a[n, i, k], b[n, k]
                for j in range(len(sums)):
                    sums[j] = multiply_add(value, w[j], sums[j], fused)
    return y
