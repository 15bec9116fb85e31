"""A prediction as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from simref.pipelines.predict import Prediction

_NAME_WIDTH = 32
_DIFFERENCES_SHOWN = 10


def prediction_text(prediction: Prediction) -> str:
    """The whole report of one core."""
    p = prediction
    parts = [_header(p), _layer_table(p), _totals(p), _memory(p), _proof(p)]
    parts += [f"note: {text}" for text in p.notes]
    return "\n".join(parts)


def comparison_text(predictions: Sequence[Prediction]) -> str:
    """One row per core, after the reports of several."""
    rows = [
        [
            p.core,
            p.board or "-",
            f"{p.clock_hz / 1e6:g}",
            _count(p.instructions),
            _count(p.cycles),
            _ratio(p.cycles, p.macc),
            f"{p.latency_s * 1e3:.3f}",
            _count(p.memory.flash),
            _count(p.memory.ram),
            _count(p.exact.mismatches),
        ]
        for p in predictions
    ]
    headers = [
        "core", "board", "MHz", "instructions", "cycles", "cyc/MACC", "ms", "flash B", "RAM B", "mismatches",
    ]  # fmt: skip
    return tabulate(rows, headers, disable_numparse=True, colalign=("left", "left", *["right"] * 8))


def _header(p: Prediction) -> str:
    board = f" on {p.board}" if p.board else ""
    return (
        f"{p.model_path}: {p.core_name}{board} at {p.clock_hz / 1e6:g} MHz, "
        f"{p.toolchain.name} {p.toolchain.version} {_optimization(p)}\n"
    )


def _optimization(p: Prediction) -> str:
    return next((flag for flag in reversed(p.toolchain.flags) if flag.startswith("-O")), "")


def _layer_table(p: Prediction) -> str:
    rows = [
        [
            str(layer.index),
            _short(layer.name),
            layer.op,
            "x".join(map(str, layer.output_shape)),
            _count(layer.macc),
            _count(layer.instructions),
            _count(layer.cycles),
            _ratio(layer.cycles, layer.macc),
            f"{layer.cycles / p.clock_hz * 1e3:.3f}",
            f"{layer.cycles / p.cycles:.1%}" if p.cycles else "-",
        ]
        for layer in p.layers
    ]
    headers = ["#", "layer", "operator", "output", "MACC", "instructions", "cycles", "cyc/MACC", "ms", "share"]
    alignment = ("right", "left", "left", "left", *["right"] * 6)
    return tabulate(rows, headers, disable_numparse=True, colalign=alignment) + "\n"


def _totals(p: Prediction) -> str:
    lines = [
        f"total   {_count(p.macc)} MACC, {_count(p.instructions)} instructions, {_count(p.cycles)} cycles "
        f"({_ratio(p.cycles, p.macc)} per MACC), {p.latency_s * 1e3:.3f} ms"
    ]
    if p.board is not None:
        share = p.stall_cycles / p.cycles if p.cycles else 0.0
        lines.append(f"stalls  {_count(p.stall_cycles)} of the cycles ({share:.1%}) wait for the board's memories")
    if p.energy_j is not None:
        low, usual, high = (joule * 1e6 for joule in p.energy_j)
        lines.append(f"energy  {usual:.1f} uJ ({low:.1f} to {high:.1f}), from measured energy per cycle")
    return "\n".join(lines)


def _memory(p: Prediction) -> str:
    m = p.memory
    peak = " + ".join(f"{_count(size)} {_buffer_name(names)}" for names, size in p.peak.buffers)
    bound = "the lower bound" if m.arena == p.peak.lower_bound else f"lower bound {_count(p.peak.lower_bound)}"
    return (
        f"flash   {_count(m.flash)} B: weights {_count(m.weights)}, code {_count(m.code)}, "
        f"rodata {_count(m.rodata)}, data {_count(m.data)}\n"
        f"RAM     {_count(m.ram)} B: arena {_count(m.arena)}, data {_count(m.data)}, bss {_count(m.bss)}, "
        f"stack {_count(m.stack)}\n"
        f"arena   {_count(m.arena)} B ({bound}) = {peak}, at layer {p.peak.layer_index}"
    )


def _proof(p: Prediction) -> str:
    e = p.exact
    line = (
        f"exact   {_count(e.inputs)} inputs ({p.input_source}), {_count(e.tensors)} tensors each, "
        f"{_count(e.elements)} elements compared with the reference, {_count(e.mismatches)} differ"
    )
    shown = [f"        {difference}" for difference in e.differences[:_DIFFERENCES_SHOWN]]
    more = len(e.differences) - _DIFFERENCES_SHOWN
    return "\n".join([line, *shown, *([f"        and {more} tensors more"] if more > 0 else [])])


def _buffer_name(names: Sequence[str]) -> str:
    """The tensors that share the buffer, shortened; no tensor is a layer's scratch."""
    return "scratch" if not names else f'"{_short(names[0])}"' + (f" and {len(names) - 1} in place" * (len(names) > 1))


def _short(name: str) -> str:
    """The end of a long name: of several fused ones the last, whole path parts where they fit."""
    name = name.rsplit(";", 1)[-1]
    while len(name) > _NAME_WIDTH:
        _, slash, rest = name.removeprefix("…/").partition("/")
        name = f"…/{rest}" if slash else "…" + name[-(_NAME_WIDTH - 1) :]
    return name


def _count(value: int) -> str:
    return f"{value:,}"


def _ratio(a: int, b: int) -> str:
    return f"{a / b:.2f}" if b else "-"
