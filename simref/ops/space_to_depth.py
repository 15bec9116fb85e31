"""y[h, w, (i, j, c)] = x[h * block + i, w * block + j, c]: a block of pixels becomes the channels of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from simref.graph import Array, Layer, Shape
from simref.ops._blocks import attributes, block_rules, blocks_of_deep, blocks_of_wide
from simref.ops._movement import Move, movement_form
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, OutputShape


def _uneven(layer: Layer) -> str | None:
    (_, height, width, _), block = layer.input(0).shape, layer.attributes.block_size
    return f"image is {height} x {width}, must be multiples of {block}" if height % block or width % block else None


def _with_block_larger_than_the_image(layer: Layer) -> Layer:
    shape = layer.input(0).shape
    x = dataclasses.replace(layer.input(0), shape=(shape[0], 1, 1, shape[3]))
    return layer.replace(inputs=(x,), attributes=dataclasses.replace(layer.attributes, block_size=2))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """Height and width divided by the block size."""
    (batches, height, width, channels), block = layer.input(0).shape, layer.attributes.block_size
    return ((batches, height // block, width // block, channels * block**2),)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The blocks of the wide image to those of the deep one."""
    a = layer.attributes
    return [Move(0, blocks_of_wide(inputs[0], a), 0, blocks_of_deep(outputs[0], a))]


OP = Op(
    name="SPACE_TO_DEPTH",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="SpaceToDepthOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            *block_rules(
                Custom("height and width are multiples of block_size", _uneven, _with_block_larger_than_the_image)
            ),
            OutputShape(output_shapes),
        ),
    ),
)
