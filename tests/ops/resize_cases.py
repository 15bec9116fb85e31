"""Models and cases for the tests of the operators that resize images."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.ops.movement_cases import Shape, movement_model, stored


def resized(
    op: str, shape: Shape, size: tuple[int, int], *, corners: bool = False, centers: bool = False, dtype: str = "int8"
) -> bytes:
    """A model that resizes an image of that shape."""
    options = {"alignCorners": corners, "halfPixelCenters": centers}
    target = (shape[0], *size, shape[3])
    return movement_model(op, [shape], [target], dtype=dtype, after=[stored("size", size)], options=options)


@st.composite
def image_sizes(draw: st.DrawFn, largest: int = 20) -> tuple[Shape, tuple[int, int]]:
    """The shape of an image of 1 or 2 in a batch, and the size to which it is to be resized."""
    sides = st.integers(1, largest)
    shape = (draw(st.integers(1, 2)), draw(sides), draw(sides), draw(st.integers(1, 9)))
    factor = draw(st.integers(0, 3))
    size = (shape[1] * factor, shape[2] * factor) if factor else (draw(sides), draw(sides))
    return shape, size
