"""What a network costs on a core, estimated from recorded runs of its kernels: no compiler, no emulator, no proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simref.errors import UnsupportedError
from simref.graph import Layer
from simref.pipelines.models import AnyModel, open_model
from simref.pipelines.predict import caveats, choose_core, clock_of
from simref.pipelines.prediction import LayerCost, NetworkCost, ToolchainUsed, arena_peak

if TYPE_CHECKING:
    from costmodel.fast import Errors, FastFit
    from generator.emit import LayerCode, Project

_WAY_OUT = "Drop --fast to emulate it."


@dataclass(frozen=True)
class FastPrediction(NetworkCost):
    """An estimate without proof: nothing was compiled, run or compared.

    arena, weights: bytes, exact. errors: of cycles, on recorded layers that the fit has not seen.
    """

    arena: int
    weights: int
    errors: Errors


@dataclass(frozen=True, eq=False)
class FastModel:
    """A loaded model, what was rewritten in it, its plan, and how often each piece of its layers' kernels runs.

    pieces: by layer, empty for a view.
    """

    path: str
    format: str
    sha256: str
    project: Project
    changes: tuple[str, ...]
    pieces: tuple[Mapping[str, float], ...]


def predict_fast(
    model: AnyModel,
    *,
    core: str | None = None,
    board: str | None = None,
    clock_hz: int | None = None,
) -> FastPrediction:
    """Estimate one model on one core; arguments as of `simref.predict`. Raises SimrefError or CostModelError."""
    return predict_core_fast(prepare_fast(model), core=core, board=board, clock_hz=clock_hz)


def prepare_fast(model: AnyModel) -> FastModel:
    """Load and check the model, plan its memory and count its kernels' work: all that does not depend on the core."""
    from generator.emit import outline

    opened = open_model(model)
    project = outline(opened.graph)
    pieces = tuple(layer_pieces(code) for code in project.layers)
    return FastModel(opened.path, opened.format, opened.sha256, project, opened.notes, pieces)


def layer_pieces(code: LayerCode) -> Mapping[str, float]:
    """Executions of each piece of a layer's kernel calls. Raises UnsupportedError for a kernel of unknown work."""
    from generator.work import KERNELS, work_of

    total: Counter[str] = Counter()
    for call in code.kernels:
        if call.kernel not in KERNELS:
            raise UnsupportedError(f"{code.layer}: its kernel {call.kernel} has no fast estimate. {_WAY_OUT}")
        total.update(work_of(call))
    return dict(total)


def predict_core_fast(
    model: FastModel, *, core: str | None = None, board: str | None = None, clock_hz: int | None = None
) -> FastPrediction:
    """Price the prepared model on one core. A board gives core and clock; its memories are not priced."""
    from costmodel.fast import START, load_fit

    chosen, on_board = choose_core(core, board)
    fit, graph = load_fit(chosen.id), model.project.graph
    instructions, cycles = fit.price({START: 1})
    layers = tuple(_cost(layer, pieces, fit) for layer, pieces in zip(graph.layers, model.pieces, strict=True))
    notes = [f"recorded {fit.date}: {fit.fitted_layers} layers fitted, {fit.cycle_errors.layers} others held out"]
    notes.append(f"zero-wait memory{'' if on_board is None else f': the memories of {on_board.id} are not priced'}")
    return FastPrediction(
        model_path=model.path,
        model_sha256=model.sha256,
        model_format=model.format,
        core=chosen.id,
        core_name=chosen.name,
        board=on_board.id if on_board else None,
        clock_hz=clock_of(clock_hz, chosen, on_board),
        toolchain=ToolchainUsed(fit.toolchain, fit.version, fit.flags),
        layers=layers,
        overhead_instructions=instructions,
        overhead_cycles=cycles,
        peak=arena_peak(graph, model.project.plan),
        notes=(*model.changes, *caveats(graph), *notes, *chosen.caveats),
        arena=model.project.plan.arena,
        weights=model.project.weight_bytes,
        errors=fit.cycle_errors,
    )


def _cost(layer: Layer, pieces: Mapping[str, float], fit: FastFit) -> LayerCost:
    from simref.ops import operator

    unknown = fit.unknown(pieces)
    if unknown is not None:
        raise UnsupportedError(f"{layer}: {unknown} was never recorded on {fit.core}. {_WAY_OUT}")
    instructions, cycles = fit.price(pieces)
    macc = operator(layer.op).macc(layer)
    return LayerCost(layer.index, layer.name, layer.op, layer.output.shape, macc, instructions, cycles, 0)
