"""The command line: reads arguments, calls one pipeline, prints its report. Exit 0, 1 (bits differ) or 2 (error)."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simref.pipelines.models import ModelSource
    from simref.pipelines.predict import Progress
    from simref.pipelines.prediction import Prediction

app = typer.Typer(
    add_completion=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="What a neural network costs on a Cortex-M, before anyone owns the board.",
)

_MODEL = typer.Argument(
    metavar="MODEL", help="A .tflite, Keras (.h5, .keras, .json), .onnx or torch.export (.pt2) file."
)
Compression = Annotated[
    str,
    typer.Option("--compression", "-c", help="none, lossless, low, medium, high, or a JSON file of levels by layer."),
]
CompressOps = Annotated[
    str, typer.Option("--compress-ops", help="Layers whose weights -c may compress: of dense, conv, depthwise; commas.")
]
Codebooks = Annotated[str, typer.Option("--codebooks", help="One codebook for each weight tensor, or channel.")]
Weights = Annotated[
    Path | None, typer.Option("--weights", metavar="FILE", help="The weights (.h5) of a Keras architecture (.json).")
]
InputShape = Annotated[
    list[str] | None,
    typer.Option("--input-shape", metavar="NAME=N,...", help="Sizes that the file leaves open; repeat it for more."),
]


@app.callback()
def root(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """What a neural network costs on a Cortex-M, before anyone owns the board."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"simref {version_of('simref')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def predict(
    model: Annotated[Path, _MODEL],
    core: Annotated[
        list[str] | None, typer.Option(help="Core, see 'simref cores'; several: repeat it, or separate by commas.")
    ] = None,
    board: Annotated[str | None, typer.Option(help="Board, see 'simref boards'; it gives core and clock.")] = None,
    clock: Annotated[str | None, typer.Option(help="Core clock, e.g. 480MHz; default: the board's or core's.")] = None,
    input_file: Annotated[
        Path | None, typer.Option("--input", help="Inputs (.npz, .npy, .csv); default: random values.")
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=1, help="How many inputs to run and compare; default: 2, or all of --input.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random inputs.")] = 42,
    toolchain: Annotated[str, typer.Option(help="Cross compiler: auto, gcc or zig.")] = "auto",
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Leave the C project, ELF, map and profile here.")
    ] = None,
    compression: Compression = "lossless",
    compress_ops: CompressOps = "dense",
    codebooks: Codebooks = "tensor",
    weights: Weights = None,
    input_shape: InputShape = None,
    place: Annotated[
        list[str] | None,
        typer.Option(help="weights=MEMORY or arena=MEMORY of --board, see 'simref boards NAME'; repeat it for both."),
    ] = None,
    fit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Fitted parameters of --board, from 'simref calibrate'.")
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="Estimate from recorded runs: no compiler, no emulator, no proof.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Predict cycles, time, RAM, flash and stack of MODEL, layer by layer, with a bit-exact proof."""
    cores = _cores(core, board)
    clock_hz = None if clock is None else parse_clock(clock)
    source = _source(model, compression, compress_ops, codebooks, weights, input_shape)
    if fast:
        unused = {"input": input_file, "samples": samples, "keep": keep, "place": place, "fit": fit}
        _refuse_with_fast({**unused, "toolchain": None if toolchain == "auto" else toolchain})
        _predict_fast(source, cores, board, clock_hz, as_json)
        return
    places = _check_choices(cores, board, toolchain, place or [])
    predictions: list[Prediction] = []
    with _progress(quiet, steps=2 + 4 * len(cores)) as progress:
        from simref.pipelines.predict import predict_core, prepare

        prepared = prepare(source, inputs=input_file, samples=samples, seed=seed, progress=progress)
        target = partial(predict_core, prepared, board=board, clock_hz=clock_hz, toolchain=toolchain, place=places)
        for name in cores:
            folder = keep / name if keep is not None and name is not None and len(cores) > 1 else keep
            predictions.append(target(core=name, keep=folder, fit=fit, progress=progress))
    _print(predictions, as_json)
    if any(p.exact.mismatches for p in predictions):
        raise typer.Exit(1)


def _print(predictions: list[Prediction], as_json: bool) -> None:
    from simref.report.json import predictions_json
    from simref.report.text import comparison_text, prediction_text

    if as_json:
        typer.echo(json.dumps(predictions_json(predictions), indent=2))
    else:
        _print_texts([prediction_text(p) for p in predictions], comparison_text(predictions))


def _print_texts(reports: list[str], comparison: str) -> None:
    """The report of each core, and the comparison where there are several."""
    typer.echo("\n\n".join(reports + ([comparison] if len(reports) > 1 else [])))


def _refuse_with_fast(options: dict[str, object]) -> None:
    from simref.errors import UsageError

    for name, value in options.items():
        if value is not None:
            raise UsageError(f"--{name} is given, but --fast compiles and runs nothing. Drop one of them.")


def _predict_fast(
    source: ModelSource, cores: list[str | None], board: str | None, clock_hz: int | None, as_json: bool
) -> None:
    from simref.pipelines.fast import predict_core_fast, prepare_fast
    from simref.pipelines.predict import choose_core
    from simref.report.fast import fast_comparison_text, fast_json, fast_text

    for name in cores:
        choose_core(name, board)
    prepared = prepare_fast(source)
    predictions = [predict_core_fast(prepared, core=name, board=board, clock_hz=clock_hz) for name in cores]
    if as_json:
        typer.echo(json.dumps(fast_json(predictions), indent=2))
    else:
        _print_texts([fast_text(p) for p in predictions], fast_comparison_text(predictions))


@app.command()
def generate(
    model: Annotated[Path, _MODEL],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the C project.")],
    name: Annotated[str, typer.Option(help="Prefix of files and symbols.")] = "network",
    compression: Compression = "lossless",
    compress_ops: CompressOps = "dense",
    codebooks: Codebooks = "tensor",
    weights: Weights = None,
    input_shape: InputShape = None,
) -> None:
    """Write MODEL as a stand-alone C99 project."""
    from generator.emit import generate as generate_project
    from simref.folders import kept_folder
    from simref.pipelines.models import open_model

    source = _source(model, compression, compress_ops, codebooks, weights, input_shape)
    opened = open_model(source)
    project = generate_project(opened.graph, name)
    with kept_folder(output) as folder:
        project.write(folder)
    typer.echo(
        f"{output}: {len(project.files)} files, arena {project.plan.arena:,} B, weights {project.weight_bytes:,} B"
    )
    for note in opened.notes:
        typer.echo(f"note: {note}")


@app.command()
def analyze(
    model: Annotated[Path, _MODEL],
    compression: Compression = "lossless",
    compress_ops: CompressOps = "dense",
    codebooks: Codebooks = "tensor",
    weights: Weights = None,
    input_shape: InputShape = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Account for parameters, weights, MACC and activations of MODEL, layer by layer; nothing is compiled or run."""
    from simref.pipelines.analyze import analyze as analyze_model
    from simref.report.analysis import analysis_json, analysis_text

    found = analyze_model(_source(model, compression, compress_ops, codebooks, weights, input_shape))
    typer.echo(json.dumps(analysis_json(found), indent=2) if as_json else analysis_text(found))


@app.command()
def evaluate(
    model: Annotated[Path, _MODEL],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Samples, and their classes as array y (.npz); default: random values."),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="MODEL", help="Another network on the same samples.")
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=1, help="How many samples to run; default: all, or 100 random ones.")
    ] = None,
    compression: Compression = "lossless",
    compress_ops: CompressOps = "dense",
    codebooks: Codebooks = "tensor",
    weights: Weights = None,
    input_shape: InputShape = None,
    all_layers: Annotated[bool, typer.Option("--all", help="Show every layer, not the worst only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Accuracy of MODEL on labelled data, and what compression (-c) or another network (--compare) changes in it."""
    from simref.pipelines.evaluate import evaluate as evaluate_model
    from simref.report.evaluation import evaluation_json, evaluation_text

    original = _source(model, "lossless", "dense", "tensor", weights, input_shape)
    judged = None
    if compare is not None or compression not in ("none", "lossless"):
        other = model if compare is None else compare
        extra = (weights, input_shape) if compare is None else (None, None)
        judged = _source(other, compression, compress_ops, codebooks, *extra)
    found = evaluate_model(original, data, judged, samples=samples)
    typer.echo(
        json.dumps(evaluation_json(found), indent=2) if as_json else evaluation_text(found, all_layers=all_layers)
    )


@app.command()
def profile(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A firmware image: .elf, .bin or .hex.")],
    core: Annotated[str | None, typer.Option(help="Core, see 'simref cores'.")] = None,
    board: Annotated[str | None, typer.Option(help="Board, see 'simref boards'; it gives core and clock.")] = None,
    clock: Annotated[str | None, typer.Option(help="Core clock, e.g. 480MHz; default: the board's or core's.")] = None,
    function: Annotated[str | None, typer.Option(metavar="NAME|ADDRESS", help="Profile calls of this.")] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="NAME|ADDRESS", help="Profile from here")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="NAME|ADDRESS", help="up to here.")] = None,
    calls: Annotated[int, typer.Option(min=1, help="How many calls of --function to profile.")] = 1,
    call_twice: Annotated[
        bool, typer.Option("--call-twice", help="Call with the same registers again, and count that: warm caches.")
    ] = False,
    mmio: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS=VALUE[,VALUE...]", help="What a register reads, in turn; repeat it for more."),
    ] = None,
    base: Annotated[str | None, typer.Option(help="Where a .bin lies; default 0x08000000.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Instructions that may run before it is reached.")] = 20_000_000,
    annotate: Annotated[bool, typer.Option("--annotate", help="Show the hottest blocks on the pipeline.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Profile a function of any firmware IMAGE: instructions, cycles, stack, hottest code."""
    from simref.pipelines.profile import Region, parse_address, parse_mmio, profile_image
    from simref.report.profile import profile_json, profile_text

    found = profile_image(
        image,
        Region(function=function, start=start, end=end, calls=calls, twice=call_twice),
        core=core,
        board=board,
        clock_hz=None if clock is None else parse_clock(clock),
        base=None if base is None else parse_address(base, "--base"),
        mmio=parse_mmio(mmio or []),
        limit=limit,
    )
    typer.echo(json.dumps(profile_json(found), indent=2) if as_json else profile_text(found, annotate))


@app.command()
def cores() -> None:
    """List the cores."""
    from tabulate import tabulate

    from costmodel.core import core_names, load_core

    rows = [
        [c.id, c.name, f"{c.clock_hz / 1e6:g} MHz", "yes" if c.has_dsp else "no", c.has_fpu, c.evidence]
        for c in map(load_core, core_names())
    ]
    typer.echo(tabulate(rows, ["core", "name", "usual clock", "DSP", "FPU", "timing from"]))


@app.command()
def boards(name: Annotated[str | None, typer.Argument(help="One board, or a board file of your own.")] = None) -> None:
    """List the boards, or the facts, sources and parameters of one."""
    from costmodel.board import board_names, load_board
    from costmodel.fit import shipped_fit
    from simref.report.boards import board_text, boards_text

    if name is None:
        typer.echo(boards_text(map(load_board, board_names())))
    else:
        board = load_board(name)
        typer.echo(board_text(board, shipped_fit(board)))


@app.command()
def calibrate(
    table: Annotated[
        Path, typer.Argument(metavar="MEASUREMENTS", help="CSV: board, model or image, what was measured.")
    ],
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for <board>.json, read by --fit.")] = Path(),
) -> None:
    """Fit the uncertain figures of boards to MEASUREMENTS, and say how much better the fit foretells."""
    from simref.pipelines.calibrate import calibrate_boards
    from simref.report.calibration import calibration_text

    typer.echo(calibration_text(calibrate_boards(table, output)))


@app.command()
def supported_ops(
    name: Annotated[str | None, typer.Argument(metavar="[OPERATOR]", help="One operator, or all.")] = None,
    file_format: Annotated[
        str | None, typer.Option("--format", help="What files hold instead, and what it becomes: tflite, keras, onnx.")
    ] = None,
) -> None:
    """List the operators and the rules a layer must satisfy."""
    from simref import formats, supported_ops

    typer.echo(supported_ops.describe(name) if file_format is None else formats.describe(file_format, name))


def parse_clock(text: str) -> int:
    """Read `480MHz`, `80 MHz`, `32kHz`, `1.2GHz` or plain hertz; raises UsageError."""
    from simref.errors import UsageError

    match = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,9})?)\s*([kMG]?)(?:Hz)?\s*", text, re.IGNORECASE)
    hertz = round(float(match[1]) * {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[match[2].lower()]) if match else 0
    if not 1 <= hertz <= 10**10:
        raise UsageError(f'--clock is "{text}", must be a frequency such as 480MHz')
    return hertz


def _source(
    model: Path,
    compression: str,
    compress_ops: str,
    codebooks: str,
    weights: Path | None,
    input_shape: list[str] | None,
) -> ModelSource:
    """What the options say of a model; raises UsageError before any work for what they cannot mean."""
    from simref.pipelines.models import ModelSource

    source = ModelSource(
        model,
        weights=weights,
        input_shapes=dict(parse_input_shape(text) for text in input_shape or []),
        compression=compression,
        compress_ops=tuple(filter(None, (word.strip() for word in compress_ops.split(",")))),
        codebooks=codebooks,
    )
    source.plan()
    return source


def parse_input_shape(text: str) -> tuple[str, tuple[int, ...]]:
    """Read `name=1,3,224,224`; raises UsageError."""
    from simref.errors import UsageError

    name, _, sizes = text.rpartition("=")
    if not name or not re.fullmatch(r"[1-9]\d{0,8}(,[1-9]\d{0,8})*", sizes):
        raise UsageError(f'--input-shape is "{text}", must be a name and sizes such as image=1,3,224,224')
    return name, tuple(map(int, sizes.split(",")))


def _cores(core: list[str] | None, board: str | None) -> list[str | None]:
    names = list(dict.fromkeys(name for word in core or [] for part in word.split(",") if (name := part.strip())))
    return [*names] if names else [None]


def _check_choices(cores: list[str | None], board: str | None, toolchain: str, place: list[str]) -> dict[str, str]:
    """The memories chosen by --place; an unknown core, board, toolchain or memory is refused before any work."""
    from costmodel.board import load_board
    from generator.toolchains import find_toolchain
    from simref.errors import UsageError
    from simref.pipelines.places import check_places, parse_places
    from simref.pipelines.predict import choose_core

    if toolchain not in ("auto", "gcc", "zig"):
        raise UsageError(f'--toolchain is "{toolchain}", must be auto, gcc or zig')
    for name in cores:
        choose_core(name, board)
    find_toolchain(toolchain)  # type: ignore[arg-type]
    places = parse_places(place)
    check_places(None if board is None else load_board(board), places)
    return places


@contextmanager
def _progress(quiet: bool, steps: int) -> Iterator[Progress]:
    """A bar on a terminal; nothing where the output is piped."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=steps)
        started = False

        def advance(stage: str) -> None:
            nonlocal started
            bar.update(task, advance=1 if started else 0, description=stage)
            started = True

        yield advance


def main() -> None:
    """Entry point: every error is one line on stderr and exit code 2; 1 says that bits differ, and nothing else."""
    from typer.exceptions import TyperException

    from costmodel.errors import CostModelError
    from simref.errors import SimrefError

    # A terminal that lacks a character shows a question mark instead of losing the report.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except (SimrefError, CostModelError) as error:
        _fail(str(error))
    except TyperException as error:
        _fail(error.format_message())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except MemoryError:
        _fail("memory ran out. Use fewer --samples or a smaller model.")
    except Exception as error:  # a defect of ours must not look like exit code 1
        if os.environ.get("SIMREF_DEBUG"):
            raise
        _fail(f"internal error: {type(error).__name__}: {error}. SIMREF_DEBUG=1 shows where; please report it.")
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> None:
    line = " ".join(message.split())
    typer.echo(f"simref: error: {line}", err=True)
    sys.exit(2)
