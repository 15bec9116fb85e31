"""The generated C on this machine: a shared library called layer by layer, for comparison with the reference."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from generator.build import SourceFolder, build_host
from generator.emit import Project
from generator.plan import ALIGNMENT
from generator.toolchains import HostCompiler
from simref.graph import Array


class HostNetwork:
    """A project compiled for this machine and loaded.

    fused: sums of float32 products as cores with an FPU compute them, or as cores without one do (`Layer.fused`).
    Raises ToolchainError when there is no compiler or it refuses the code.
    """

    def __init__(self, project: Project, compiler: HostCompiler | None = None, *, fused: bool = True) -> None:
        self._project = project
        with tempfile.TemporaryDirectory(prefix="simref-") as name:
            folder = Path(name) / "c"
            project.write(folder)
            sources = SourceFolder(folder, project.sources, flags=("-DSIMREF_FUSED",) if fused else ())
            library = build_host([sources], output=Path(name) / "network.so", compiler=compiler)
            # The library stays mapped after its file is gone, as on any POSIX system.
            self._library = ctypes.CDLL(str(library))

    def run_all(self, inputs: Mapping[int, Array]) -> dict[int, Array]:
        """Run every sample and return every computed tensor by index, of shape (samples, *tensor.shape).

        inputs: by tensor index, each with a leading sample axis.
        """
        samples = len(next(iter(inputs.values())))
        runs = [self._run_one({index: array[k] for index, array in inputs.items()}) for k in range(samples)]
        return {index: np.stack([run[index] for run in runs]) for index in runs[0]}

    def _run_one(self, inputs: Mapping[int, Array]) -> dict[int, Array]:
        project = self._project
        storage = np.zeros(project.plan.arena + 2 * ALIGNMENT, np.uint8)
        start = -storage.ctypes.data % ALIGNMENT
        # Bytes behind the arena hold a pattern: a kernel that writes beyond its end is seen.
        arena, guard = storage[start : start + project.plan.arena], storage[start + project.plan.arena :]
        guard[:] = 0xA5
        for index, array in inputs.items():
            _bytes_of(project, arena, index)[:] = np.ascontiguousarray(array).view(np.uint8).ravel()
        found: dict[int, Array] = {}
        for node, entry in zip(project.graph.nodes, project.entry_points, strict=True):
            if entry is not None:
                getattr(self._library, entry)(ctypes.c_void_p(arena.ctypes.data))
            for index in node.outputs:
                tensor = project.graph.tensors[index]
                found[index] = _bytes_of(project, arena, index).view(tensor.dtype).reshape(tensor.shape).copy()
        if not (guard == 0xA5).all():
            raise RuntimeError("the generated code wrote behind its arena")
        return found


def _bytes_of(project: Project, arena: Array, index: int) -> Array:
    offset = project.plan.offsets[index]
    return arena[offset : offset + project.graph.tensors[index].nbytes]
