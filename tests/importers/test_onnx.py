from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper

from simref.errors import ModelError, SimrefError, UnsupportedError
from simref.importers.onnx import import_onnx
from simref.interpreter import run
from tests.importers.onnx_models import build, check, imported, node, ops, values
from tests.models_present import SHARED

W33 = values(4, 3, 3, 3)
INTS = np.int64


def image(*dims: int) -> dict[str, tuple[int, ...]]:
    return {"x": dims}


def test_a_convolutional_chain_holds_no_transpose_but_at_its_ends() -> None:
    nodes = [
        node("Conv", "x w b", "a", pads=[1, 1, 1, 1]),
        node("BatchNormalization", "a s o m v", "n"),
        node("Relu", "n", "r"),
        node("Conv", "r d", "c", group=4, strides=[2, 1]),
        node("Add", "c k", "e"),
        node("Concat", "e c", "f", axis=1),
        node("MaxPool", "f", "y", kernel_shape=[2, 2], ceil_mode=1),
    ]
    four = {name: np.abs(values(4, seed=k)) for k, name in enumerate("bsomv")}
    constants = {"w": W33, "d": values(8, 1, 2, 2), "k": values(8, 1, 1), **four}
    graph = check(build(nodes, image(1, 3, 8, 7), "y", constants))
    middle = ["CONV_2D", "BATCH_NORMALIZATION", "RELU", "DEPTHWISE_CONV_2D", "ADD", "CONCATENATION", "MAX_POOL_2D"]
    assert ops(graph) == ["TRANSPOSE", *middle, "TRANSPOSE"]


def test_one_channel_is_a_view() -> None:
    graph = check(build([node("Conv", "x w", "y")], image(1, 1, 8, 7), "y", {"w": values(1, 1, 3, 3)}))
    assert ops(graph) == ["RESHAPE", "CONV_2D", "RESHAPE"]


@pytest.mark.parametrize("between", ["", "Relu"])
@pytest.mark.parametrize("product", ["Gemm", "MatMul"])
def test_flattening_permutes_the_weights_behind_it(product: str, between: str) -> None:
    nodes = [node("Conv", "x w", "c"), node("Flatten", "c", "f")]
    nodes += [node(between, "f", "g")] if between else []
    nodes.append(node(product, f"{'g' if between else 'f'} m", "y"))
    graph = check(build(nodes, image(1, 3, 5, 6), "y", {"w": W33, "m": values(48, 5)}))
    assert ops(graph) == ["TRANSPOSE", "CONV_2D", *([between.upper()] if between else []), "RESHAPE", "FULLY_CONNECTED"]


def test_patches_become_a_sequence_without_a_transpose() -> None:
    nodes = [
        node("Conv", "x w", "c", strides=[3, 3]),
        node("Reshape", "c s", "r"),
        node("Transpose", "r", "t", perm=[0, 2, 1]),
        node("MatMul", "t m", "y"),
    ]
    constants = {"w": W33, "s": np.array([0, 4, -1], INTS), "m": values(4, 5)}
    assert ops(check(build(nodes, image(1, 3, 6, 9), "y", constants))) == [
        "TRANSPOSE",
        "CONV_2D",
        "RESHAPE",
        "FULLY_CONNECTED",
    ]


def test_a_shuffle_of_channels_is_one_transpose() -> None:
    nodes = [
        node("Conv", "x w", "c"),
        node("Reshape", "c s", "r"),
        node("Transpose", "r", "t", perm=[0, 2, 1, 3, 4]),
        node("Reshape", "t s2", "u"),
        node("Conv", "u d", "v", group=4),
        node("GlobalMaxPool", "v", "y"),
    ]
    constants = {
        "w": W33,
        "s": np.array([0, 2, 2, 4, 5], INTS),
        "s2": np.array([0, 4, 4, 5], INTS),
        "d": values(4, 1, 3, 3),
    }
    graph = check(build(nodes, image(1, 3, 6, 7), "y", constants))
    assert [op for op in ops(graph) if op != "RESHAPE"] == [
        *("TRANSPOSE", "CONV_2D", "TRANSPOSE", "DEPTHWISE_CONV_2D", "REDUCE_MAX")
    ]


@pytest.mark.parametrize("ceil_mode", [0, 1])
def test_pads_that_count_in_a_mean(ceil_mode: int) -> None:
    fields = {"kernel_shape": [3, 2], "strides": [2, 3], "pads": [1, 0, 1, 1], "ceil_mode": ceil_mode}
    model = build([node("AveragePool", "x", "y", count_include_pad=1, **fields)], image(1, 3, 8, 9), "y")
    assert ("PAD" in ops(check(model))) == bool(ceil_mode)


def test_outputs_that_nobody_reads_are_not_asked_for() -> None:
    nodes = [
        node("Dropout", "x", "d mask"),
        node("LayerNormalization", "d s", "n mean deviation"),
        node("Not", "mask", "other"),
        node("MaxPool", "n", "y indices", kernel_shape=[2, 2]),
    ]
    graph = check(build(nodes, image(1, 1, 4, 6), "y", {"s": values(6)}))
    assert [op for op in ops(graph) if op != "RESHAPE"] == ["LAYER_NORMALIZATION", "MAX_POOL_2D"]


def test_weights_of_several_nodes_are_stored_once() -> None:
    nodes = [node("Gemm", "x w b", "a", transB=1), node("Relu", "a", "r"), node("Gemm", "r w b", "y", transB=1)]
    graph = check(build(nodes, {"x": (1, 5)}, "y", {"w": values(5, 5), "b": values(5)}))
    assert graph.nodes[0].inputs[1:] == graph.nodes[2].inputs[1:]


def test_reductions_follow_the_stored_order() -> None:
    nodes = [
        node("Conv", "x w", "c"),
        node("ReduceMean", "c", "m", axes=[2, 3], keepdims=0),
        node("ReduceMax", "c", "n", axes=[1], keepdims=1),
        node("Softmax", "c", "s", axis=1),
        node("ArgMax", "c", "a", axis=1, keepdims=0),
    ]
    graph = check(build(nodes, image(1, 3, 5, 6), "m n s a", {"w": W33}))
    assert ops(graph).count("TRANSPOSE") == 2


def test_sequences_are_images_of_one_row() -> None:
    nodes = [
        node("Conv", "x w b", "c", dilations=[2], pads=[1, 2]),
        node("Relu", "c", "r"),
        node("AveragePool", "r", "p", kernel_shape=[3], strides=[2], pads=[1, 1], count_include_pad=1),
        node("ConvTranspose", "p t", "y", strides=[2], output_padding=[1]),
    ]
    check(build(nodes, image(1, 3, 15), "y", {"w": values(4, 3, 3), "b": values(4), "t": values(4, 2, 3)}))


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("op", ["Conv", "MaxPool", "AveragePool"])
def test_automatic_pads(op: str, auto_pad: str) -> None:
    pytest.importorskip("onnxruntime", reason="ONNX's evaluator pads some windows otherwise than its specification")
    fields = {"kernel_shape": [3, 2], "strides": [2, 2], "auto_pad": auto_pad}
    inputs = "x w" if op == "Conv" else "x"
    check(build([node(op, inputs, "y", **fields)], image(1, 3, 8, 9), "y", {"w": values(4, 3, 3, 2)}))


OLD = [
    (7, node("Squeeze", "a", "y", axes=[0]), {}),
    (11, node("Unsqueeze", "a", "y", axes=[0, 2]), {}),
    (7, node("Clip", "a", "y", min=-0.5, max=0.25), {}),
    (7, node("Slice", "a", "y", starts=[1, -3], ends=[1000, -1], axes=[1, 2]), {}),
    (10, node("Slice", "a s e x_ t", "y"), {"s": [-1], "e": [-100], "x_": [2], "t": [-2]}),
    (7, node("Pad", "a", "y", pads=[0, 1, 0, 0, 0, 2], value=1.5), {}),
    (7, node("Split", "a", "y y2", axis=2, split=[2, 3]), {}),
    (7, node("ReduceSum", "a", "y", axes=[-1], keepdims=0), {}),
    (13, node("ReduceSum", "a s", "y"), {"s": [1]}),
    (18, node("ReduceMean", "a s", "y"), {"s": [1, 2]}),
    (18, node("ReduceMin", "a", "y", noop_with_empty_axes=1), {}),
    (7, node("TopK", "a", "y y2", k=2, axis=1), {}),
    (11, node("TopK", "a s", "y y2", axis=2, largest=0), {"s": [3]}),
    (9, node("Softmax", "a", "y"), {}),
    (13, node("Softmax", "a", "y"), {}),
    (9, node("LogSoftmax", "a", "y", axis=0), {}),
    (7, node("Dropout", "a", "y", ratio=0.5), {}),
    (12, node("Dropout", "a", "y"), {}),
    (11, node("Flatten", "a", "y", axis=-2), {}),
]


@pytest.mark.parametrize(("opset", "under_test", "constants"), OLD, ids=lambda v: getattr(v, "op_type", None))
def test_each_opset_has_its_own_ways(opset: int, under_test: onnx.NodeProto, constants: dict[str, list[int]]) -> None:
    pytest.importorskip("onnxruntime", reason="ONNX's evaluator knows some operators of the newest opset only")
    stored = {name: np.array(value, INTS) for name, value in constants.items()}
    outputs = " ".join(under_test.output)
    check(build([node("Neg", "x", "a"), under_test], {"x": (1, 4, 5)}, outputs, stored, opset=opset))


def test_opsets_before_the_oldest_are_read_where_nothing_has_changed() -> None:
    graph = imported(build([node("Not", "x", "y")], {"x": (2, 3)}, "y", dtypes={"x": "bool"}, opset=1))
    assert ops(graph) == ["LOGICAL_NOT"]
    for op, reason in (("Relu", "its opset is 1, must be 7 or later"), ("Gelu", "opset 1 has no such operator")):
        with pytest.raises(UnsupportedError, match=reason):
            imported(build([node(op, "x", "y")], {"x": (2, 3)}, "y", opset=1))


def test_upsample_of_opset_9() -> None:
    scales = {"s": np.array([1, 1, 2, 3], np.float32)}
    graph = imported(build([node("Upsample", "x s", "y")], image(1, 2, 3, 2), "y", scales, opset=9))
    x = values(1, 2, 3, 2)
    np.testing.assert_array_equal(run(graph, x)[0][0], x.repeat(2, 2).repeat(3, 3))


def test_shape_arithmetic_is_folded() -> None:
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s zero", "n", axis=0),
        node("Unsqueeze", "n zero_", "n1"),
        node("Concat", "n1 rest", "t", axis=0),
        node("Reshape", "x t", "y"),
    ]
    constants = {"zero": np.array(0, INTS), "zero_": np.array([0], INTS), "rest": np.array([-1], INTS)}
    assert ops(check(build(nodes, {"x": ("N", 3, 4)}, "y", constants))) == ["RESHAPE"]


def test_open_dimensions() -> None:
    model = build([node("Relu", "x", "y")], {"x": ("batch", 3, "height", None)}, "y")
    with pytest.raises(UnsupportedError, match=r'input "x": dimension 2 is "height".*--input-shape x=1,3,…,…'):
        imported(model)
    assert check(model, input_shapes={"x": (1, 3, 4, 5)}).tensors[0].shape == (1, 3, 4, 5)
    with pytest.raises(UnsupportedError, match=r"cannot have the shape \(1, 4, 4, 5\)"):
        imported(model, input_shapes={"x": (1, 4, 4, 5)})
    with pytest.raises(UnsupportedError, match='no input "z"'):
        imported(model, input_shapes={"z": (1,)})


def test_inputs_frozen_at_a_value_are_constants() -> None:
    model = build([node("Reshape", "x s", "y")], {"x": (2, 3), "s": (1,)}, "y", dtypes={"s": "int64"})
    with pytest.raises(UnsupportedError, match="shape is computed at run time"):
        imported(model)
    assert len(check(model, constants={"s": np.array([6], INTS)}).inputs) == 1
    with pytest.raises(UnsupportedError, match="cannot be frozen at float64"):
        imported(model, constants={"s": np.array([6.0])})
    with pytest.raises(UnsupportedError, match=r"cannot have the shape \(2,\)"):
        imported(model, constants={"s": np.array([2, 3], INTS)})


def branch(name: str, op: str) -> onnx.GraphProto:
    return helper.make_graph([helper.make_node(op, ["x"], [name])], name, [], [onnx.ValueInfoProto(name=name)])


@pytest.mark.parametrize("condition", [True, False])
def test_a_known_condition_chooses_its_branch(condition: bool) -> None:
    chosen = node("If", "c", "y", then_branch=branch("t", "Relu"), else_branch=branch("e", "Tanh"))
    graph = check(build([chosen], {"x": (2, 3)}, "y", {"c": np.array(condition)}))
    assert ops(graph) == ["RELU" if condition else "TANH"]
    with pytest.raises(UnsupportedError, match="its condition is computed at run time"):
        imported(build([chosen], {"x": (2, 3), "c": ()}, "y", dtypes={"c": "bool"}))


def function(name: str, *calls: str) -> onnx.FunctionProto:
    names = ["x", *(f"v{k}" for k in range(len(calls) - 1)), "y"]
    nodes = [
        helper.make_node(op, [names[k]], [names[k + 1]], domain="own" if op.startswith("f") else "")
        for k, op in enumerate(calls)
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_function("own", name, ["x"], ["y"], nodes, opsets)


def calling(*functions: onnx.FunctionProto) -> onnx.ModelProto:
    call = helper.make_node("f0", ["x"], ["y"], domain="own")
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return build([call], {"x": (2, 3)}, "y", functions=list(functions), opset_imports=opsets)


def test_functions_of_the_model_are_inlined() -> None:
    assert ops(check(calling(function("f0", "f1", "Abs"), function("f1", "Relu", "Neg")))) == ["RELU", "NEG", "ABS"]


def test_functions_that_grow_without_bound_are_refused() -> None:
    with pytest.raises(ModelError, match="calls itself"):
        imported(calling(function("f0", "f1"), function("f1", "f0")))
    doubling = [function(f"f{k}", f"f{k + 1}", f"f{k + 1}") for k in range(40)]
    with pytest.raises(ModelError, match="expand to more than"):
        imported(calling(*doubling, function("f40", "Relu")))


def test_what_onnx_defines_by_simpler_operators() -> None:
    graph = check(build([node("RMSNormalization", "x s", "y")], {"x": (2, 8)}, "y", {"s": values(8)}, opset=23))
    assert "LAYER_NORMALIZATION" not in ops(graph)


REFUSED = [
    (node("Loop", "- - x", "y"), "operator is not supported"),
    (helper.make_node("Mine", ["x"], ["y"], domain="own"), "operator of own is not supported"),
    (node("Conv", "x x", "y"), "weights are computed at run time"),
    (node("Conv", "x w3", "y"), "must have 3 or 4"),
    (node("Conv", "x nan", "y"), "NaN"),
    (node("Conv", "x w", "y", group=2), "its group is 2"),
    (node("Conv", "x w", "y", strides=[0, 1]), "must be 1 or more"),
    (node("Conv", "x w", "y", pads=[1, 1]), "its attribute pads has 2 elements, must have 4"),
    (node("MaxPool", "x", "y i", kernel_shape=[2, 2]), "indices"),
    (node("LRN", "x", "y", size=0), "its size is 0"),
    (node("Transpose", "x", "y", perm=[0, 0, 1, 2]), "perm"),
    (node("Add", "x w", "y"), "must be equal or 1"),
    (node("Cast", "x", "y", to=onnx.TensorProto.BFLOAT16), "its result is BFLOAT16, must be"),
    (node("Relu", "z", "y"), "not written by a node before it"),
    (node("Identity", "w", "y"), "is a constant, must be computed by a layer"),
]


@pytest.mark.parametrize(("under_test", "reason"), REFUSED)
def test_refusals_name_the_node_and_the_reason(under_test: onnx.NodeProto, reason: str) -> None:
    nan = W33.copy()
    nan[0, 0, 0, 0] = np.nan
    constants = {"w": W33, "w3": values(4, 3), "nan": nan}
    outputs = " ".join(under_test.output)
    with pytest.raises(SimrefError, match=reason) as caught:
        imported(build([under_test], image(1, 3, 6, 7), outputs, constants))
    assert str(caught.value).startswith("m.onnx: ")
    assert "\n" not in str(caught.value)


def test_outputs_that_are_inputs_or_twice_the_same() -> None:
    nodes = [node("Identity", "x", "a"), node("Relu", "x", "b"), node("Identity", "b", "c")]
    check(build(nodes, {"x": (2, 3)}, "a b c"))


REAL = sorted(SHARED.joinpath("models").glob("*.onnx"))


@pytest.mark.skipif(not REAL, reason="no models beside the repository")
@pytest.mark.parametrize("path", REAL, ids=lambda path: str(path.stem))
def test_real_models_compute_what_onnxruntime_computes(path: object) -> None:
    runtime = pytest.importorskip("onnxruntime")
    data = getattr(path, "read_bytes")()  # noqa: B009
    graph = import_onnx(data, "m.onnx")
    session = runtime.InferenceSession(data)
    tensors = [graph.tensors[index] for index in graph.inputs]
    feeds = {t.name: values(*t.shape, seed=k) for k, t in enumerate(tensors)}
    for ours, theirs in zip(run(graph, [x[np.newaxis] for x in feeds.values()]), session.run(None, feeds), strict=True):
        error = np.linalg.norm(ours[0] - theirs) / np.linalg.norm(theirs)
        assert error < (1e-2 if "qdq" in str(path) else 1e-6)
