"""y[h * block + i, w * block + j, c] = x[h, w, (i, j, c)]: the channels of a pixel become a block of pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from simref.graph import Array, Layer, Shape
from simref.ops._blocks import attributes, block_rules, blocks_of_deep, blocks_of_wide
from simref.ops._movement import Move, movement_form
from simref.ops._op import Op, TFLiteBinding, equation_of, no_macc
from simref.ops._rules import Custom, OutputShape


def _uneven(layer: Layer) -> str | None:
    channels, block = layer.input(0).shape[3], layer.attributes.block_size
    return f"has {channels} channels, must have a multiple of {block}**2" if channels % block**2 else None


def _with_block_larger_than_the_depth(layer: Layer) -> Layer:
    x = dataclasses.replace(layer.input(0), shape=(*layer.input(0).shape[:3], 1))
    return layer.replace(inputs=(x,), attributes=dataclasses.replace(layer.attributes, block_size=2))


def output_shapes(layer: Layer) -> tuple[Shape, ...]:
    """Height and width times the block size."""
    (batches, height, width, channels), block = layer.input(0).shape, layer.attributes.block_size
    return ((batches, height * block, width * block, channels // block**2),)


def moves(layer: Layer, inputs: Sequence[Array], outputs: Sequence[Array]) -> Sequence[Move]:
    """The blocks of the deep image to those of the wide one."""
    a = layer.attributes
    return [Move(0, blocks_of_deep(inputs[0], a), 0, blocks_of_wide(outputs[0], a))]


OP = Op(
    name="DEPTH_TO_SPACE",
    equation=equation_of(__doc__),
    tflite=TFLiteBinding(options="DepthToSpaceOptions", attributes=attributes, operands=1),
    macc=no_macc,
    forms=(
        movement_form(
            moves,
            *block_rules(
                Custom("the channels are a multiple of block_size**2", _uneven, _with_block_larger_than_the_depth)
            ),
            OutputShape(output_shapes),
        ),
    ),
)
