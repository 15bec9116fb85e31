"""What a network costs on a core: load, check, plan, emit, build, emulate, estimate, one way."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from simref.errors import UsageError
from simref.graph import Array, Graph
from simref.inputs import InputData, random_inputs, read_inputs
from simref.pipelines.comparison import ENTRY, Exactness, validate_emulated

if TYPE_CHECKING:
    from costmodel.board import Board
    from costmodel.core import Core
    from costmodel.cycles import Estimate
    from costmodel.profile import Profile
    from generator.emit import Project
    from generator.toolchains import Target, Toolchain

DEFAULT_SAMPLES = 2
DEFAULT_SEED = 42
INSTRUCTION_LIMIT = 20_000_000_000
Progress = Callable[[str], None]


@dataclass(frozen=True)
class LayerCost:
    """One layer's price. instructions and cycles are those of one inference; a view runs no code and costs 0."""

    index: int
    name: str
    op: str
    output_shape: tuple[int, ...]
    macc: int
    instructions: int
    cycles: int


@dataclass(frozen=True)
class Memory:
    """Bytes. weights: constant arrays; rodata: other read-only data; stack: high-water mark of the emulated run."""

    arena: int
    weights: int
    code: int
    rodata: int
    data: int
    bss: int
    stack: int

    @property
    def flash(self) -> int:
        """Code, constants, and the initial values of data."""
        return self.code + self.rodata + self.weights + self.data

    @property
    def ram(self) -> int:
        """Arena, variables and stack."""
        return self.arena + self.data + self.bss + self.stack


@dataclass(frozen=True)
class ArenaPeak:
    """Why the arena is as large as it is: the busiest layer, what lives then, and the lower bound in bytes.

    buffers: per buffer the names of the tensors that share it (none: scratch) and its bytes, largest first.
    """

    layer_index: int
    buffers: tuple[tuple[tuple[str, ...], int], ...]
    lower_bound: int


@dataclass(frozen=True)
class ToolchainUsed:
    """The compiler whose code was counted."""

    name: str
    version: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Prediction:
    """Everything known about one model on one core. cycles and instructions count one inference, the first input's.

    notes: conversions made, caveats of operators, and what the price assumes, one line each.
    """

    model_path: str
    model_sha256: str
    model_format: str
    core: str
    core_name: str
    board: str | None
    clock_hz: int
    toolchain: ToolchainUsed
    input_source: str
    exact: Exactness
    layers: tuple[LayerCost, ...]
    overhead_instructions: int
    overhead_cycles: int
    memory: Memory
    peak: ArenaPeak
    notes: tuple[str, ...]

    @property
    def macc(self) -> int:
        """Multiply-accumulates of all layers."""
        return sum(layer.macc for layer in self.layers)

    @property
    def instructions(self) -> int:
        """Instructions of one inference, the few before the first layer included."""
        return self.overhead_instructions + sum(layer.instructions for layer in self.layers)

    @property
    def cycles(self) -> int:
        """Cycles of one inference, the few before the first layer included."""
        return self.overhead_cycles + sum(layer.cycles for layer in self.layers)

    @property
    def latency_s(self) -> float:
        """Seconds of one inference."""
        return self.cycles / self.clock_hz


@dataclass(frozen=True, eq=False)
class Model:
    """A loaded model with its generated code, its inputs, and the reference's value of every tensor."""

    path: Path
    sha256: str
    graph: Graph
    project: Project
    inputs: InputData
    expected: dict[int, Array]


def predict(
    model: str | Path,
    *,
    core: str | None = None,
    board: str | None = None,
    clock_hz: int | None = None,
    inputs: str | Path | None = None,
    samples: int | None = None,
    seed: int = DEFAULT_SEED,
    toolchain: str = "auto",
    keep: str | Path | None = None,
) -> Prediction:
    """Predict one model on one core.

    core: e.g. "cm7", or None to take the board's. clock_hz: None takes the board's or else the core's usual clock.
    inputs: an .npz, .npy or .csv file, or None for random values from `seed`; the first sample is counted, all are
    compared. keep: a folder for the C project, ELF, map and profile.
    Raises SimrefError or CostModelError, each one line.
    """
    prepared = prepare(Path(model), inputs=inputs, samples=samples, seed=seed)
    return predict_core(prepared, core=core, board=board, clock_hz=clock_hz, toolchain=toolchain, keep=keep)


def prepare(
    path: Path,
    *,
    inputs: str | Path | None = None,
    samples: int | None = None,
    seed: int = DEFAULT_SEED,
    progress: Progress = lambda stage: None,
) -> Model:
    """Load and check the model, run the reference, and generate the C: all that does not depend on the core."""
    from generator.emit import generate
    from simref.importers import load
    from simref.interpreter import run_all

    progress("reading the model")
    graph = load(path)
    if inputs is None:
        data = random_inputs(graph, DEFAULT_SAMPLES if samples is None else samples, seed)
    else:
        data = read_inputs(Path(inputs), graph, samples)
    progress("running the reference")
    expected = run_all(graph, [data.arrays[index] for index in graph.inputs])
    progress("planning memory and writing C")
    project = generate(graph)
    return Model(path, sha256(path.read_bytes()).hexdigest(), graph, project, data, expected)


def predict_core(
    model: Model,
    *,
    core: str | None = None,
    board: str | None = None,
    clock_hz: int | None = None,
    toolchain: str = "auto",
    keep: str | Path | None = None,
    progress: Progress = lambda stage: None,
) -> Prediction:
    """Build the prepared model for one core, emulate it, compare every layer, and price the profile."""
    from costmodel.cycles import estimate
    from costmodel.emulate import Machine
    from generator.link import STACK_SIZE, section_sizes
    from generator.toolchains import find_toolchain

    chosen, on_board = choose_core(core, board)
    compiler = find_toolchain(toolchain)  # type: ignore[arg-type]  # an unknown word is refused by name
    with kept_folder(keep) as folder:
        progress(f"{chosen.id}: compiling")
        elf = build_for_core(model.project, chosen, compiler, folder)
        sizes = section_sizes(elf)
        progress(f"{chosen.id}: emulating {model.inputs.samples} inferences")
        machine = Machine(elf, chosen, stack_size=STACK_SIZE, instruction_limit=INSTRUCTION_LIMIT)
        profile, exact = validate_emulated(model.project, machine, model.inputs.arrays, model.expected)
        profile.save(folder / "profile.npz")
        progress(f"{chosen.id}: pricing the profile")
        priced = estimate(profile, chosen, on_board)
    weights = model.project.weight_bytes
    memory = Memory(
        model.project.plan.arena, weights, sizes.code, sizes.rodata - weights, sizes.data, sizes.bss, machine.stack_used
    )
    overhead, layers = _layer_costs(model.project, profile, priced)
    return Prediction(
        model_path=str(model.path),
        model_sha256=model.sha256,
        model_format="tflite",
        core=chosen.id,
        core_name=chosen.name,
        board=on_board.id if on_board else None,
        clock_hz=clock_hz or (on_board.clock_hz if on_board else chosen.clock_hz),
        toolchain=ToolchainUsed(compiler.name, compiler.version, compiler.compile_flags(target_of(chosen))),
        input_source=model.inputs.source,
        exact=exact,
        layers=layers,
        overhead_instructions=overhead.instructions,
        overhead_cycles=overhead.cycles,
        memory=memory,
        peak=_peak(model.project),
        notes=(*model.inputs.notes, *_caveats(model.graph), *priced.assumptions),
    )


def choose_core(core: str | None, board: str | None) -> tuple[Core, Board | None]:
    """The core by name, or the board's; raises UsageError when both are given and disagree, or neither is."""
    from costmodel.board import load_board
    from costmodel.core import load_core

    if board is None:
        if core is None:
            raise UsageError("no core was given. Use --core NAME (see 'simref cores') or --board NAME.")
        return load_core(core), None
    on_board = load_board(board)
    if core is not None and core != on_board.core:
        raise UsageError(f"board {on_board.id} has the core {on_board.core}, must be {core} or left out")
    return load_core(on_board.core), on_board


@contextmanager
def kept_folder(keep: str | Path | None) -> Iterator[Path]:
    """A folder for intermediate files: copied to `keep` when all went well, gone otherwise.

    Raises UsageError before any work when `keep` cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="simref-") as name:
        if keep is None:
            yield Path(name)
            return
        target = Path(keep)
        _check_writable(target)
        yield Path(name)
        try:
            shutil.copytree(name, target, dirs_exist_ok=True)
        except (OSError, shutil.Error) as error:
            raise UsageError(f"{target}: cannot be written ({error})") from error


def _check_writable(folder: Path) -> None:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise UsageError(f"{existing}: is a file, must be a folder")
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise UsageError(f"{existing}: cannot be written ({error.strerror}). Choose another folder.") from error


def build_for_core(project: Project, core: Core, toolchain: Toolchain, folder: Path) -> Path:
    """Write the C project into `folder`, compile it with the emulator's harness, and return the ELF."""
    from generator.build import SourceFolder, build_target
    from generator.emit import harness_source
    from generator.link import linker_script

    project.write(folder / "c")
    (folder / "harness.c").write_text(harness_source(project), encoding="utf-8")
    sources = SourceFolder(folder, ("harness.c", *(f"c/{name}" for name in project.sources)))
    script = linker_script(ENTRY)
    return build_target([sources], toolchain, target_of(core), linker_script=script, output=folder / "network.elf")


def target_of(core: Core) -> Target:
    """What the compilers must be told about a core."""
    from generator.toolchains import Target

    return Target(core.gcc_flags, core.clang_target, core.clang_cpu)


def _layer_costs(project: Project, profile: Profile, priced: Estimate) -> tuple[LayerCost, tuple[LayerCost, ...]]:
    """What runs before the first layer, and each layer; segment k + 1 is the k-th layer that has code."""
    from simref.ops import operator

    segment = 0
    layers = []
    for layer, entry in zip(project.graph.layers, project.entry_points, strict=True):
        instructions = cycles = 0
        if entry is not None:
            segment += 1
            instructions, cycles = profile.instructions(segment), priced.cycles[segment]
        macc = operator(layer.op).macc(layer)
        layers.append(LayerCost(layer.index, layer.name, layer.op, layer.output.shape, macc, instructions, cycles))
    start = LayerCost(-1, "", "", (), 0, profile.instructions(0), priced.cycles[0])
    return start, tuple(layers)


def _caveats(graph: Graph) -> tuple[str, ...]:
    from simref.ops import operator

    return tuple(f"{layer}: {caveat}" for layer in graph.layers if (caveat := operator(layer.op).caveat))


def _peak(project: Project) -> ArenaPeak:
    graph, plan = project.graph, project.plan

    buffers = tuple(
        (tuple(graph.tensors[index].name for index in placed.buffer.tensors), placed.buffer.size)
        for placed in plan.peak
    )
    return ArenaPeak(plan.peak_layer, buffers, plan.lower_bound)
