from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.graph import Array, Graph
from simref.importers.onnx import import_onnx
from tests.importers.onnx_models import build, check, imported, node, values

WEIGHTS = values(3, 4)


def dense() -> onnx.ModelProto:
    return build([node("MatMul", "x w", "y")], {"x": (2, 3)}, "y", {"w": WEIGHTS})


def external(folder: Path, location: str, **entries: object) -> Graph:
    """The graph of a model whose weights lie in another file."""
    model = dense()
    (tensor,) = model.graph.initializer
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=str(value))
    return import_onnx(model.SerializeToString(), "m.onnx", folder=folder)


def test_external_data_beside_the_model(tmp_path: Path) -> None:
    tmp_path.joinpath("sub").mkdir()
    for name, entries in (("w.bin", {}), ("sub/w.bin", {"offset": 8, "length": WEIGHTS.nbytes})):
        tmp_path.joinpath(name).write_bytes(b"\0" * int(entries.get("offset", 0)) + WEIGHTS.tobytes())
        graph = external(tmp_path, name, **entries)
        np.testing.assert_array_equal(graph.layers[0].constant(1), WEIGHTS.T)


def test_external_data_elsewhere_is_not_read(tmp_path: Path) -> None:
    model_folder = tmp_path / "model"
    model_folder.mkdir()
    secret = tmp_path / "secret"
    secret.write_bytes(WEIGHTS.tobytes())
    model_folder.joinpath("link").symlink_to(secret)
    model_folder.joinpath("door").symlink_to(tmp_path)
    for location in ("../secret", str(secret), "link", "door/secret", "..\\secret", "", "none", ".", "a\0b"):
        with pytest.raises(ModelError, match="in the model's own folder"):
            external(model_folder, location)
    with pytest.raises(ModelError, match="must be read from a folder"):
        import_onnx(_external_bytes(), "m.onnx")
    for location, reason in (("none", "which is missing"), ("n" * 5000, "cannot be read")):
        with pytest.raises(ModelError, match=reason):
            external(model_folder, location)


def _external_bytes() -> bytes:
    model = dense()
    (tensor,) = model.graph.initializer
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="w.bin")
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    "entries", [{"offset": 4}, {"offset": -1}, {"length": 47}, {"length": 1 << 40}, {"offset": "x"}]
)
def test_external_data_that_does_not_fit(tmp_path: Path, entries: dict[str, object]) -> None:
    tmp_path.joinpath("w.bin").write_bytes(WEIGHTS.tobytes())
    with pytest.raises(ModelError):
        external(tmp_path, "w.bin", **entries)


def changed(change: Callable[[onnx.ModelProto], object]) -> onnx.ModelProto:
    model = dense()
    change(model)
    return model


def sparse(indices: np.ndarray, dims: tuple[int, ...]) -> onnx.ModelProto:
    model = dense()
    del model.graph.initializer[:]
    parts = numpy_helper.from_array(np.array([1.5, 2.5], np.float32), "w"), numpy_helper.from_array(indices, "i")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(*parts, dims))
    return model


def test_sparse_constants_become_dense() -> None:
    expected = np.zeros((3, 4), np.float32)
    expected[0, 1], expected[2, 3] = 1.5, 2.5
    for indices in (np.array([1, 11]), np.array([[0, 1], [2, 3]])):
        graph = imported(sparse(indices, (3, 4)))
        np.testing.assert_array_equal(graph.layers[0].constant(1), expected.T)
    for indices in (np.array([1, 12]), np.array([-1, 3]), np.array([[0, 1], [3, 3]]), np.array([1])):
        with pytest.raises(ModelError):
            imported(sparse(indices, (3, 4)))
    with pytest.raises(SimrefError, match="must hold at most"):
        imported(sparse(np.array([1, 11]), (1 << 20, 1 << 20)))


DAMAGED: list[tuple[Callable[[onnx.ModelProto], object], str]] = [
    (lambda m: m.graph.initializer[0].dims.append(7), "bytes of data, must have"),
    (lambda m: m.graph.initializer[0].dims.extend([1 << 40, 1 << 40]), "must hold at most"),
    (lambda m: m.graph.initializer[0].dims.extend([1] * 9), "dimensions, must have at most"),
    (lambda m: m.graph.initializer[0].dims.__setitem__(0, -3), "claims the shape"),
    (lambda m: m.graph.initializer.append(m.graph.initializer[0]), "stored twice"),
    (lambda m: m.graph.node.append(m.graph.node[0]), "written twice"),
    (lambda m: setattr(m.graph.node[0], "name", "n" * 5000), "characters"),
    (lambda m: setattr(m.graph.node[0], "name", "one\nline"), "holds control characters"),
    (lambda m: setattr(m.graph.node[0], "op_type", "Mat\nMul"), "holds control characters"),
    (lambda m: setattr(m.graph.node[0], "domain", "a\x1b[2Jb"), "holds control characters"),
    (lambda m: m.graph.node[0].attribute.add(name="a\nb", type=2), "holds control characters"),
    (lambda m: m.graph.input[0].type.tensor_type.shape.dim[0].__setattr__("dim_value", 1 << 40), "claims the shape"),
    (lambda m: m.opset_import[0].__setattr__("version", 99), "opset is 99"),
    (lambda m: m.opset_import[0].__setattr__("version", 0), "opset is 0"),
    (lambda m: m.ClearField("graph"), "no graph"),
    (lambda m: m.graph.ClearField("output"), "no outputs"),
    (lambda m: m.graph.output[0].__setattr__("name", "z"), 'output "z" is not written'),
    (lambda m: m.graph.node[0].input.append("y"), "not written by a node before it"),
    (lambda m: m.graph.input[0].type.Clear(), "no tensor"),
    (lambda m: m.graph.input[0].type.tensor_type.__setattr__("elem_type", 8), "STRING"),
]


@pytest.mark.parametrize(("change", "reason"), DAMAGED)
def test_damage_is_named(change: Callable[[onnx.ModelProto], object], reason: str) -> None:
    with pytest.raises(SimrefError, match=reason):
        imported(changed(change))


def test_typed_data_is_read_as_raw_data_is() -> None:
    model = dense()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.float_data.extend(WEIGHTS.ravel().tolist())
    check(model)
    tensor.float_data.append(1.0)
    with pytest.raises(ModelError, match="has 13 elements of data, must have 12"):
        imported(model)


def test_nodes_in_a_circle_are_refused() -> None:
    nodes = [node("Add", "x b", "a"), node("Relu", "a", "b")]
    with pytest.raises(ModelError, match='its input "b" is not written by a node before it'):
        imported(build(nodes, {"x": (2, 3)}, "b"))


HUGE = np.array([1 << 20, 1 << 20], np.int64)
GENERATORS = [
    [node("ConstantOfShape", "h", "c")],
    [node("Expand", "one", "c_"), node("Expand", "c_ h", "c")],
    [node("Tile", "one h1", "c")],
    [node("Range", "zero huge step", "c")],
    [node("Pad", "one p", "c")],
    [node("OneHot", "i huge v", "c")],
]


@pytest.mark.parametrize("nodes", GENERATORS, ids=lambda nodes: str(nodes[0].op_type))
def test_constants_are_not_blown_up(nodes: list[onnx.NodeProto]) -> None:
    constants: dict[str, Array] = {
        "h": HUGE,
        "h1": HUGE[:1] * (1 << 19),
        "one": np.ones(1, np.float32),
        "zero": np.array(0),
        "huge": np.array(1 << 40),
        "step": np.array(1),
        "p": np.array([1 << 40, 0]),
        "i": np.zeros(1, np.int64),
        "v": np.array([0, 1], np.float32),
    }
    with pytest.raises(SimrefError):
        imported(build([*nodes, node("Add", "x c", "y")], {"x": (2, 3)}, "y", constants))


@pytest.mark.parametrize(
    ("op", "inputs"), [("Expand", "x h"), ("Tile", "x h"), ("Pad", "x p"), ("Resize", "x - - s4"), ("Upsample", "x f")]
)
def test_results_are_not_blown_up(op: str, inputs: str) -> None:
    constants: dict[str, Array] = {
        "h": np.array([1 << 14, 1 << 14, 2, 2], np.int64),
        "p": np.array([0, 0, 1 << 20, 1 << 20] * 2, np.int64),
        "s4": np.array([1, 1, 1 << 19, 1 << 19], np.int64),
        "f": np.array([1, 1, 1 << 18, 1 << 18], np.float32),
    }
    opset = 9 if op == "Upsample" else 17
    with pytest.raises(UnsupportedError):
        imported(build([node(op, inputs, "y")], {"x": (1, 1, 2, 2)}, "y", constants, opset=opset))


@pytest.mark.parametrize(
    "under_test",
    [
        node("LpPool", "x", "y", kernel_shape=[1 << 12, 1 << 12]),
        node("LayerNormalization", "x one", "y", axis=2),
        node("GroupNormalization", "x one one", "y", num_groups=1),
        node("Hardmax", "x", "y", axis=1),
    ],
    ids=lambda under_test: str(under_test.op_type),
)
def test_constants_do_not_follow_declared_shapes(under_test: onnx.NodeProto) -> None:
    shape = (1, 1 << 21, 1, 8) if under_test.op_type in ("GroupNormalization", "Hardmax") else (1, 1, 1 << 12, 1 << 12)
    with pytest.raises(UnsupportedError, match="it needs a constant of"):
        imported(build([under_test], {"x": shape}, "y", {"one": np.ones(1, np.float32)}, opset=18))
