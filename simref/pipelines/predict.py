"""What a network costs on a core: load, check, plan, emit, build, emulate, estimate, one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from simref.errors import UsageError
from simref.folders import kept_folder
from simref.graph import Array, Graph
from simref.inputs import InputData, random_inputs, read_inputs
from simref.pipelines.comparison import ENTRY, Exactness, validate_emulated
from simref.pipelines.models import AnyModel, open_model
from simref.pipelines.places import Places, check_places, check_room, choose_places, overflows, script_of
from simref.pipelines.prediction import LayerCost, Memory, Prediction, ToolchainUsed, arena_peak

if TYPE_CHECKING:
    from costmodel.board import Board
    from costmodel.core import Core
    from costmodel.cycles import Estimate
    from costmodel.emulate import Machine
    from costmodel.fit import Fit
    from costmodel.profile import Profile
    from generator.emit import Project
    from generator.link import SectionSizes
    from generator.toolchains import Target, Toolchain
    from simref.interpreter import Engine

DEFAULT_SAMPLES = 2
DEFAULT_SEED = 42
INSTRUCTION_LIMIT = 20_000_000_000
# NumPy adds some 40 million float products a second, one multiply-add at a time; Numba needs a second to start.
NUMPY_FLOAT_MACC = 40_000_000
Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Model:
    """A loaded model with its generated code and its inputs.

    changes: what was rewritten or compressed, one line each. engine: of the reference.
    values: what `expected` has computed so far.
    """

    path: str
    format: str
    sha256: str
    graph: Graph
    project: Project
    inputs: InputData
    changes: tuple[str, ...] = ()
    engine: Engine = "numpy"
    values: dict[bool, dict[int, Array]] = field(default_factory=dict)

    def expected(self, *, fused: bool) -> dict[int, Array]:
        """The reference's value of every tensor, by index, with a leading sample axis; see `Layer.fused`."""
        from simref.interpreter import run_all

        variant = fused or not self.graph.computes_floats
        if variant not in self.values:
            arrays = [self.inputs.arrays[index] for index in self.graph.inputs]
            self.values[variant] = run_all(self.graph, arrays, engine=self.engine, fused=variant)
        return self.values[variant]


def predict(
    model: AnyModel,
    *,
    core: str | None = None,
    board: str | None = None,
    clock_hz: int | None = None,
    inputs: str | Path | None = None,
    samples: int | None = None,
    seed: int = DEFAULT_SEED,
    toolchain: str = "auto",
    keep: str | Path | None = None,
    place: Mapping[str, str] | None = None,
    fit: str | Path | None = None,
) -> Prediction:
    """Predict one model on one core.

    model: a file, a graph, or a ModelSource, which says how to read and compress it.
    core: e.g. "cm7", or None to take the board's. clock_hz: None takes the board's or else the core's usual clock.
    inputs: an .npz, .npy or .csv file, or None for random values from `seed`; the first sample is counted, all are
    compared. keep: a folder for the C project, ELF, map and profile. place: memories of the board for `weights` and
    `arena`. fit: a file that `simref calibrate` wrote; None takes the board's own fit where one ships.
    Raises SimrefError or CostModelError, each one line.
    """
    prepared = prepare(model, inputs=inputs, samples=samples, seed=seed)
    return predict_core(
        prepared, core=core, board=board, clock_hz=clock_hz, toolchain=toolchain, keep=keep, place=place, fit=fit
    )


def prepare(
    model: AnyModel,
    *,
    inputs: str | Path | None = None,
    samples: int | None = None,
    seed: int = DEFAULT_SEED,
    progress: Progress = lambda stage: None,
) -> Model:
    """Load, check and rewrite the model and generate the C: all that does not depend on the core."""
    from generator.emit import generate

    progress("reading the model")
    opened = open_model(model)
    graph = opened.graph
    if inputs is None:
        data = random_inputs(graph, DEFAULT_SAMPLES if samples is None else samples, seed)
    else:
        data = read_inputs(Path(inputs), graph, samples)
    progress("planning memory and writing C")
    project, engine = generate(graph), _engine(graph, data.samples)
    return Model(opened.path, opened.format, opened.sha256, graph, project, data, opened.notes, engine)


def _engine(graph: Graph, samples: int) -> Engine:
    """NumPy, which starts at once, but for float networks so large that compiled sums make up for their start."""
    from simref.ops import operator

    macc = samples * sum(operator(layer.op).macc(layer) for layer in graph.layers)
    return "numba" if graph.computes_floats and macc > NUMPY_FLOAT_MACC else "numpy"


def predict_core(
    model: Model,
    *,
    core: str | None = None,
    board: str | None = None,
    clock_hz: int | None = None,
    toolchain: str = "auto",
    keep: str | Path | None = None,
    place: Mapping[str, str] | None = None,
    fit: str | Path | None = None,
    progress: Progress = lambda stage: None,
) -> Prediction:
    """Build the prepared model for one core, emulate it, compare every layer, and price the profile."""
    setting = _setting(model, core, board, toolchain, place or {}, fit)
    chosen, on_board, compiler = setting.core, setting.board, setting.compiler
    run = _run(model, setting, keep, progress)
    overhead, layers = _layer_costs(model.project, run.profile, run.priced)
    memory = _memory_use(model.project, run.sizes, run.stack, setting.places)
    return Prediction(
        model_path=model.path,
        model_sha256=model.sha256,
        model_format=model.format,
        core=chosen.id,
        core_name=chosen.name,
        board=on_board.id if on_board else None,
        clock_hz=clock_of(clock_hz, chosen, on_board),
        toolchain=ToolchainUsed(compiler.name, compiler.version, compiler.compile_flags(target_of(chosen))),
        input_source=model.inputs.source,
        exact=run.exact,
        layers=layers,
        overhead_instructions=overhead.instructions,
        overhead_cycles=overhead.cycles,
        overhead_stall_cycles=overhead.stall_cycles,
        cycles_band=run.priced.band,
        energy_j=_energy(on_board, run.priced.total_cycles),
        memory=memory,
        peak=arena_peak(model.graph, model.project.plan),
        notes=(
            *model.changes,
            *model.inputs.notes,
            *caveats(model.graph),
            *_room_notes(setting.places, memory),
            *run.priced.assumptions,
        ),
    )


@dataclass(frozen=True)
class _Setting:
    """What a model is built for and priced with."""

    core: Core
    board: Board | None
    places: Places | None
    fit: Fit | None
    compiler: Toolchain


def _setting(
    model: Model, core: str | None, board: str | None, toolchain: str, place: Mapping[str, str], fit: str | Path | None
) -> _Setting:
    from generator.toolchains import find_toolchain

    chosen, on_board = choose_core(core, board)
    places = placed(model, on_board, place)
    fitted = choose_fit(on_board, fit)
    compiler = find_toolchain(toolchain)  # type: ignore[arg-type]  # an unknown word is refused by name
    return _Setting(chosen, on_board, places, fitted, compiler)


@dataclass(frozen=True)
class _Run:
    """What the emulated inferences showed, and their price. stack: bytes."""

    sizes: SectionSizes
    stack: int
    profile: Profile
    exact: Exactness
    priced: Estimate


def _run(model: Model, setting: _Setting, keep: str | Path | None, progress: Progress) -> _Run:
    from costmodel.cycles import estimate
    from generator.link import section_sizes

    core, board = setting.core, setting.board
    progress(f"{core.id}: running the reference")
    expected = model.expected(fused=core.fuses_products)
    with kept_folder(keep) as folder:
        progress(f"{core.id}: compiling")
        elf = build_for_core(model.project, core, setting.compiler, folder, setting.places)
        sizes = section_sizes(elf)
        progress(f"{core.id}: emulating {model.inputs.samples} inferences")
        machine = _machine(elf, core, board)
        profile, exact = validate_emulated(model.project, machine, model.inputs.arrays, expected)
        profile.save(folder / "profile.npz")
        progress(f"{core.id}: pricing the profile")
        priced = estimate(profile, core, board, setting.fit, kind=_code_kind(model.project, profile, core))
    return _Run(sizes, machine.stack_used, profile, exact, priced)


def _machine(elf: Path, core: Core, board: Board | None) -> Machine:
    """The emulated core with the network in its memory, watched where a board's memories have a price."""
    from costmodel.emulate import Machine
    from generator.link import STACK_SIZE

    machine = Machine(elf, core, stack_size=STACK_SIZE, instruction_limit=INSTRUCTION_LIMIT)
    if board is not None:
        # Compiling the simulation takes long, and only boards need it.
        from costmodel.memory import MemorySimulation

        machine.watch(MemorySimulation(board))
    return machine


def placed(model: Model, board: Board | None, moved: Mapping[str, str]) -> Places | None:
    """Where a board holds the model; None without a board. Raises UsageError for a memory it lacks or overfills."""
    check_places(board, moved)
    if board is None:
        return None
    places = choose_places(board, moved)
    check_room(places, model.project.weight_bytes, model.project.plan.arena)
    return places


def choose_fit(board: Board | None, fit: str | Path | None) -> Fit | None:
    """The user's fit of the board, or the one that ships, or None. Raises UsageError, BadFit."""
    from costmodel.fit import load_fit, shipped_fit

    if board is None:
        if fit is not None:
            raise UsageError("--fit belongs to a board. Use --board NAME with it.")
        return None
    return shipped_fit(board) if fit is None else load_fit(Path(fit), board)


def _memory_use(project: Project, sizes: SectionSizes, stack: int, places: Places | None) -> Memory:
    weights = project.weight_bytes
    copied = 0 if places is None or places.weights.read_only else weights
    return Memory(project.plan.arena, weights, sizes.code, sizes.rodata - weights, sizes.data, sizes.bss, stack, copied)


def _room_notes(places: Places | None, memory: Memory) -> tuple[str, ...]:
    if places is None:
        return ()
    elsewhere = memory.arena if places.arena is not places.data else 0
    elsewhere += memory.weights_in_ram if places.weights is not places.data else 0
    flash = memory.flash - (memory.weights if places.weights.read_only and places.weights is not places.code else 0)
    return overflows(places, flash, memory.ram - elsewhere)


def _energy(board: Board | None, cycles: int) -> tuple[float, float, float] | None:
    """Joules of an inference, least, median and most, from what was measured per cycle."""
    if board is None or board.power is None:
        return None
    least, median, most = (picojoule * 1e-12 * cycles for picojoule in board.power.picojoule_per_cycle)
    return least, median, most


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
        raise UsageError(f"core is {core}, must be {on_board.core}, which the board {on_board.id} has, or left out")
    return load_core(on_board.core), on_board


def clock_of(clock_hz: int | None, core: Core, board: Board | None) -> int:
    """The clock that was asked for, else the board's, else the core's usual one."""
    return clock_hz or (board.clock_hz if board else core.clock_hz)


def build_for_core(
    project: Project, core: Core, toolchain: Toolchain, folder: Path, places: Places | None = None
) -> Path:
    """Write the C project into `folder`, compile it with the emulator's harness, and return the ELF.

    places: memories of a board to link for; None: one flash and one RAM, larger than any model.
    """
    from generator.build import SourceFolder, build_target
    from generator.emit import harness_source
    from generator.link import linker_script

    project.write(folder / "c")
    (folder / "harness.c").write_text(harness_source(project), encoding="utf-8")
    sources = SourceFolder(folder, ("harness.c", *(f"c/{name}" for name in project.sources)))
    script = linker_script(ENTRY) if places is None else script_of(places, ENTRY)
    return build_target([sources], toolchain, target_of(core), linker_script=script, output=folder / "network.elf")


def target_of(core: Core) -> Target:
    """What the compilers must be told about a core."""
    from generator.toolchains import Target

    return Target(core.gcc_flags, core.clang_target, core.clang_cpu)


def _code_kind(project: Project, profile: Profile, core: Core) -> str | None:
    """`soft-float` where a fiftieth of the instructions or more computes floats without an FPU; else for the model.

    Such code is made of integer instructions, but of others than the measured int8 networks.
    """
    if core.fuses_products:
        return None
    coded = [code.layer for code in project.layers if code.calls]
    floating = sum(
        profile.instructions(segment)
        for segment, layer in enumerate(coded, start=1)
        if any(tensor.dtype.kind == "f" for tensor in layer.outputs)
    )
    return "soft-float" if 50 * floating > profile.total_instructions else None


def _layer_costs(project: Project, profile: Profile, priced: Estimate) -> tuple[LayerCost, tuple[LayerCost, ...]]:
    """What runs before the first layer, and each layer; segment k + 1 is the k-th layer that has code."""
    from simref.ops import operator

    segment = 0
    layers = []
    for layer, entry in zip(project.graph.layers, project.entry_points, strict=True):
        instructions = cycles = stalls = 0
        if entry is not None:
            segment += 1
            instructions, cycles = profile.instructions(segment), priced.cycles[segment]
            stalls = priced.stall_cycles[segment]
        macc = operator(layer.op).macc(layer)
        costs = (macc, instructions, cycles, stalls)
        layers.append(LayerCost(layer.index, layer.name, layer.op, layer.output.shape, *costs))
    start = LayerCost(-1, "", "", (), 0, profile.instructions(0), priced.cycles[0], priced.stall_cycles[0])
    return start, tuple(layers)


def caveats(graph: Graph) -> tuple[str, ...]:
    """What a user of its operators must be told."""
    from simref.ops import operator

    return tuple(f"{layer}: {caveat}" for layer in graph.layers if (caveat := operator(layer.op).form(layer).caveat))
