"""A prediction as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from simref.pipelines.prediction import ArenaPeak, NetworkCost, Prediction

_NAME_WIDTH = 32
_DIFFERENCES_SHOWN = 10


def prediction_text(prediction: Prediction) -> str:
    """The whole report of one core."""
    p = prediction
    parts = [header(p), layer_table(p), _totals(p), _memory(p), _proof(p)]
    parts += [f"note: {text}" for text in p.notes]
    return "\n".join(parts)


def comparison_text(predictions: Sequence[Prediction]) -> str:
    """One row per core, after the reports of several."""
    sizes = [[count(p.memory.flash), count(p.memory.ram), count(p.exact.mismatches)] for p in predictions]
    return comparison_table(predictions, ["flash B", "RAM B", "mismatches"], sizes)


def comparison_table(predictions: Sequence[NetworkCost], names: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """What every prediction costs, a row each, then the columns `names` with their cells."""
    rows = [
        [
            p.core,
            p.board or "-",
            f"{p.clock_hz / 1e6:g}",
            count(p.instructions),
            count(p.cycles),
            ratio(p.cycles, p.macc),
            f"{p.latency_s * 1e3:.3f}",
            *rest,
        ]
        for p, rest in zip(predictions, cells, strict=True)
    ]
    headers = ["core", "board", "MHz", "instructions", "cycles", "cyc/MACC", "ms", *names]
    return tabulate(rows, headers, disable_numparse=True, colalign=("left", "left", *["right"] * (len(headers) - 2)))


def header(p: NetworkCost) -> str:
    """Which model on which core, and the compiler."""
    board = f" on {p.board}" if p.board else ""
    return (
        f"{p.model_path}: {p.core_name}{board} at {p.clock_hz / 1e6:g} MHz, "
        f"{p.toolchain.name} {p.toolchain.version} {_optimization(p)}\n"
    )


def _optimization(p: NetworkCost) -> str:
    return next((flag for flag in reversed(p.toolchain.flags) if flag.startswith("-O")), "")


def layer_table(p: NetworkCost) -> str:
    """One row per layer."""
    rows = [
        [
            str(layer.index),
            short(layer.name),
            layer.op,
            "x".join(map(str, layer.output_shape)),
            count(layer.macc),
            count(layer.instructions),
            count(layer.cycles),
            ratio(layer.cycles, layer.macc),
            f"{layer.cycles / p.clock_hz * 1e3:.3f}",
            f"{layer.cycles / p.cycles:.1%}" if p.cycles else "-",
        ]
        for layer in p.layers
    ]
    headers = ["#", "layer", "operator", "output", "MACC", "instructions", "cycles", "cyc/MACC", "ms", "share"]
    alignment = ("right", "left", "left", "left", *["right"] * 6)
    return tabulate(rows, headers, disable_numparse=True, colalign=alignment) + "\n"


def total_line(p: NetworkCost) -> str:
    """The sums over all layers."""
    return (
        f"total   {count(p.macc)} MACC, {count(p.instructions)} instructions, {count(p.cycles)} cycles "
        f"({ratio(p.cycles, p.macc)} per MACC), {p.latency_s * 1e3:.3f} ms"
    )


def _totals(p: Prediction) -> str:
    lines = [total_line(p)]
    if p.cycles_band is None:
        lines.append("band    no hardware evidence")
    else:
        low, high = p.cycles_band
        memory = "" if p.board is not None else ", if its memory has no wait states"
        lines.append(f"band    {count(low)} to {count(high)} cycles in 9 of 10 cases, from measured hardware{memory}")
    if p.board is not None:
        share = p.stall_cycles / p.cycles if p.cycles else 0.0
        lines.append(f"stalls  {count(p.stall_cycles)} of the cycles ({share:.1%}) wait for the board's memories")
    if p.energy_j is not None:
        least, usual, most = (joule * 1e6 for joule in p.energy_j)
        lines.append(f"energy  {usual:.1f} uJ ({least:.1f} to {most:.1f}), from measured energy per cycle")
    return "\n".join(lines)


def _memory(p: Prediction) -> str:
    m = p.memory
    return (
        f"flash   {count(m.flash)} B: weights {count(m.weights)}, code {count(m.code)}, "
        f"rodata {count(m.rodata)}, data {count(m.data)}\n"
        f"RAM     {count(m.ram)} B: arena {count(m.arena)}, data {count(m.data)}, bss {count(m.bss)}, "
        f"stack {count(m.stack)}\n"
        f"{arena_line(m.arena, p.peak)}"
    )


def arena_line(arena: int, peak: ArenaPeak) -> str:
    """The arena's bytes, and what makes them."""
    parts = " + ".join(f"{count(size)} {_buffer_name(names)}" for names, size in peak.buffers)
    bound = "the lower bound" if arena == peak.lower_bound else f"lower bound {count(peak.lower_bound)}"
    return f"arena   {count(arena)} B ({bound}) = {parts}, at layer {peak.layer_index}"


def _proof(p: Prediction) -> str:
    e = p.exact
    line = (
        f"exact   {count(e.inputs)} inputs ({p.input_source}), {count(e.tensors)} tensors each, "
        f"{count(e.elements)} elements compared with the reference, {count(e.mismatches)} differ"
    )
    shown = [f"        {difference}" for difference in e.differences[:_DIFFERENCES_SHOWN]]
    more = len(e.differences) - _DIFFERENCES_SHOWN
    return "\n".join([line, *shown, *([f"        and {more} tensors more"] if more > 0 else [])])


def _buffer_name(names: Sequence[str]) -> str:
    """The tensors that share the buffer, shortened; no tensor is a layer's scratch."""
    return "scratch" if not names else f'"{short(names[0])}"' + (f" and {len(names) - 1} in place" * (len(names) > 1))


def short(name: str, width: int = _NAME_WIDTH) -> str:
    """The end of a long name: of several fused ones the last, whole path parts where they fit."""
    name = name.rsplit(";", 1)[-1]
    while len(name) > width:
        _, slash, rest = name.removeprefix("…/").partition("/")
        name = f"…/{rest}" if slash else "…" + name[-(width - 1) :]
    return name


def count(value: int) -> str:
    """With thousands set apart."""
    return f"{value:,}"


def ratio(a: int, b: int) -> str:
    """With two decimals, or a dash where there is no divisor."""
    return f"{a / b:.2f}" if b else "-"
