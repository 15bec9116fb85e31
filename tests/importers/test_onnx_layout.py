from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import onnx
from hypothesis import given, settings
from hypothesis import strategies as st

from simref.graph import Array, Shape
from simref.importers.onnx.layout import (
    broadcast_order,
    channels_last,
    inverse,
    moves_elements,
    permuted,
    plain,
    reshape_groups,
    reshaped_order,
    with_last,
    without,
)
from tests.importers.onnx_models import Node, build, check, node, values

SIZES = st.integers(1, 4)
SHAPES = st.lists(SIZES, min_size=1, max_size=4).map(tuple)


@st.composite
def stored(draw: st.DrawFn) -> tuple[Shape, tuple[int, ...]]:
    shape = draw(SHAPES)
    return shape, tuple(draw(st.permutations(range(len(shape)))))


@st.composite
def reshapes(draw: st.DrawFn) -> tuple[Shape, tuple[int, ...], Shape]:
    """A shape, its order, and another shape of as many elements: dimensions merged, split, and ones strewn in."""
    shape, order = draw(stored())
    primes = [prime for n in shape for prime in ((2, 2) if n == 4 else (n,))]
    target: list[int] = []
    for prime in primes:
        if draw(st.booleans()) and target:
            target[-1] *= prime
        else:
            target.append(prime)
    if draw(st.booleans()):
        target.insert(draw(st.integers(0, len(target))), 1)
    return shape, order, tuple(target)


def test_orders() -> None:
    assert channels_last(4) == (0, 2, 3, 1)
    assert with_last((0, 2, 3, 1), [3]) == (0, 2, 1, 3)
    assert without((0, 2, 3, 1), [2]) == (0, 2, 1)
    assert broadcast_order((1, 0), 4) == (0, 1, 3, 2)
    assert not moves_elements((1, 5, 6, 1), (0, 3, 1, 2))
    assert moves_elements((1, 5, 6, 2), (0, 3, 1, 2))


@given(stored())
def test_an_order_is_undone_by_its_inverse(drawn: tuple[Shape, tuple[int, ...]]) -> None:
    shape, order = drawn
    assert permuted(permuted(shape, order), inverse(order)) == shape


@given(reshapes())
def test_groups_hold_equally_many_elements(drawn: tuple[Shape, tuple[int, ...], Shape]) -> None:
    base, _, target = drawn
    groups = reshape_groups(base, target)
    assert [k for ours, _ in groups for k in ours] == list(range(len(base)))
    assert [k for _, theirs in groups for k in theirs] == list(range(len(target)))
    for ours, theirs in groups:
        assert math.prod(base[k] for k in ours) == math.prod(target[k] for k in theirs)


@given(reshapes())
def test_a_reshaped_order_is_a_view(drawn: tuple[Shape, tuple[int, ...], Shape]) -> None:
    base, order, target = drawn
    found = reshaped_order(base, order, target)
    if order == plain(len(base)):
        assert found is not None
    if found is None:
        return
    model = np.arange(math.prod(base)).reshape(base)
    view = model.transpose(order).reshape(permuted(target, found))
    np.testing.assert_array_equal(view.transpose(inverse(found)), model.reshape(target))


class Chain:
    """Nodes in a row, each of them drawn; whole numbers, so that every order of a sum gives the same."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.shape: Shape = (1, *draw(st.lists(st.integers(1, 4), min_size=3, max_size=3)))
        self.start = self.shape
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}
        self.name = "x"

    def add(self, op: str, more: str, shape: Shape, **attributes: object) -> None:
        name = f"v{len(self.nodes)}"
        self.nodes.append(node(op, f"{self.name} {more}", name, **attributes))
        self.name, self.shape = name, shape

    def store(self, data: Array) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = data
        return name

    def whole(self, *shape: int) -> str:
        return self.store(np.rint(values(*shape, seed=len(self.constants)) * 2).astype(np.float32))

    def axis(self) -> int:
        return self.draw(st.integers(0, len(self.shape) - 1))

    def transpose(self) -> None:
        order = self.draw(st.permutations(range(len(self.shape))))
        self.add("Transpose", "", permuted(self.shape, tuple(order)), perm=list(order))

    def reshape(self) -> None:
        kept = self.draw(st.integers(0, len(self.shape)))
        sizes = [n for n in (math.prod(self.shape[:kept]), math.prod(self.shape[kept:])) if n]
        if self.draw(st.booleans()) and self.shape[-1] % 2 == 0:
            sizes = [*self.shape[:-1], 2, self.shape[-1] // 2]
        self.add("Reshape", self.store(np.array(sizes, np.int64)), tuple(sizes))

    def elementwise(self) -> None:
        shape = [n if self.draw(st.booleans()) else 1 for n in self.shape]
        self.add("Add", self.whole(*shape[self.draw(st.integers(0, len(shape) - 1)) :]), self.shape)

    def unary(self) -> None:
        self.add(self.draw(st.sampled_from(("Relu", "Neg", "Abs"))), "", self.shape)

    def residual(self) -> None:
        self.add("Add", self.name, self.shape)

    def convolution(self) -> None:
        if len(self.shape) == 4:
            self.add("Conv", self.whole(3, self.shape[1], 1, 1), (self.shape[0], 3, *self.shape[2:]))

    def product(self) -> None:
        if len(self.shape) > 1:
            self.add("MatMul", self.whole(self.shape[-1], 3), (*self.shape[:-1], 3))

    def left_product(self) -> None:
        if len(self.shape) > 1:
            name = self.whole(2, self.shape[-2])
            made = f"v{len(self.nodes)}"
            self.nodes.append(node("MatMul", f"{name} {self.name}", made))
            self.name, self.shape = made, (*self.shape[:-2], 2, self.shape[-1])

    def gram(self) -> None:
        if len(self.shape) > 2:
            order = [*range(len(self.shape) - 2), len(self.shape) - 1, len(self.shape) - 2]
            before, rows = self.name, self.shape[-2]
            self.transpose_by(order)
            turned = self.name
            self.nodes.append(node("MatMul", f"{before} {turned}", f"v{len(self.nodes)}"))
            self.name, self.shape = f"v{len(self.nodes) - 1}", (*self.shape[:-2], rows, rows)

    def transpose_by(self, order: list[int]) -> None:
        self.add("Transpose", "", permuted(self.shape, tuple(order)), perm=order)

    def reduction(self) -> None:
        if len(self.shape) > 1:
            axis, op = self.axis(), self.draw(st.sampled_from(("ReduceMax", "ReduceMin")))
            keep = self.draw(st.booleans())
            shape = (*self.shape[:axis], *((1,) if keep else ()), *self.shape[axis + 1 :])
            self.add(op, "", shape, axes=[axis], keepdims=int(keep))

    def join(self) -> None:
        axis = self.axis()
        shape = (*self.shape[:axis], 2 * self.shape[axis], *self.shape[axis + 1 :])
        if math.prod(shape) < 500:
            self.add("Concat", self.name, shape, axis=axis)

    def gather(self) -> None:
        axis = self.axis()
        indices = np.array([self.shape[axis] - 1, 0], np.int64) if self.draw(st.booleans()) else np.array(0)
        if len(self.shape) > 1:
            self.add(
                "Gather",
                self.store(indices.astype(np.int64)),
                (*self.shape[:axis], *indices.shape, *self.shape[axis + 1 :]),
                axis=axis,
            )

    def backwards(self) -> None:
        axis = self.axis()
        names = [self.store(np.array([n], np.int64)) for n in (-1, -(1 << 40), axis, -1)]
        self.add("Slice", " ".join(names), self.shape)


STEPS: tuple[Callable[[Chain], None], ...] = (
    *(Chain.transpose, Chain.reshape, Chain.elementwise, Chain.unary, Chain.residual, Chain.convolution),
    *(Chain.product, Chain.left_product, Chain.gram, Chain.reduction, Chain.join, Chain.gather, Chain.backwards),
)


@st.composite
def chains(draw: st.DrawFn) -> onnx.ModelProto:
    chain = Chain(draw)
    for _ in range(draw(st.integers(1, 7))):
        if len(chain.shape) <= 5:
            draw(st.sampled_from(STEPS))(chain)
    chain.add("Relu", "", chain.shape)
    return build(chain.nodes, {"x": chain.start}, chain.name, chain.constants)


@settings(max_examples=150, deadline=None)
@given(chains())
def test_any_chain_computes_what_the_model_means(model: onnx.ModelProto) -> None:
    check(model)
