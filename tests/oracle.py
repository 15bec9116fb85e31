"""The oracle: TFLite's own reference kernels, run through ai-edge-litert on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

Array = NDArray[Any]


def run_reference(model: bytes, inputs: Sequence[Array]) -> dict[str, Array]:
    """Run a model and return every computed tensor by its name, each of shape (samples, *tensor.shape).

    inputs: one array per model input, each of shape (samples, *tensor.shape) and its tensor's dtype.
    Each sample is a run of its own: states start as zeros. Raises ValueError or RuntimeError where TFLite refuses the
    model. The graph's inputs are among the results.
    """
    interpreter = _interpreter(model)
    details = interpreter.get_input_details()
    if len(details) != len(inputs):
        raise ValueError(f"got {len(inputs)} arrays for {len(details)} inputs")
    names = {tensor["index"]: tensor["name"] for tensor in interpreter.get_tensor_details()}
    computed = [detail["index"] for detail in details]
    computed += [int(i) for op in interpreter._get_ops_details() for i in op["outputs"] if i >= 0]
    results: dict[str, list[Array]] = {names[index]: [] for index in computed}
    for sample in range(inputs[0].shape[0]):
        interpreter.reset_all_variables()
        for detail, array in zip(details, inputs, strict=True):
            interpreter.set_tensor(detail["index"], array[sample])
        interpreter.invoke()
        for index in computed:
            results[names[index]].append(interpreter.get_tensor(index))
    return {name: np.stack(arrays) for name, arrays in results.items()}


def random_inputs(model: bytes, samples: int, seed: int = 0) -> list[Array]:
    """Uniform inputs over each input's whole range: integers over their dtype, floats over [-1, 1)."""
    rng = np.random.default_rng(seed)
    return [
        _random(rng, (samples, *map(int, detail["shape"])), detail["dtype"])
        for detail in _interpreter(model).get_input_details()
    ]


def _random(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Array:
    if np.issubdtype(dtype, np.floating):
        return rng.uniform(-1, 1, shape).astype(dtype)
    if np.dtype(dtype) == np.bool_:
        return rng.integers(0, 2, shape).astype(np.bool_)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


def _interpreter(model: bytes) -> Any:
    interpreter = Interpreter(
        model_content=model,
        num_threads=1,
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    return interpreter
