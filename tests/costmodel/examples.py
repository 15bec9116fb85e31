"""Short pieces of code and what they cost by their sources: examples.toml, read."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from costmodel.classify import Placed, place
from costmodel.core import Core, load_core
from costmodel.pipeline import Pipeline, Scoreboard
from costmodel.program import load_program
from tests.costmodel.programs import HEADER, build, straight

_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Example:
    """`text` at `address`, issued into an empty pipeline; `taken`: its last instruction branches."""

    core: str
    text: str
    cycles: int
    taken: bool
    address: int

    def __str__(self) -> str:
        return f"{self.core}: {self.text}" + (", taken" if self.taken else "")


@cache
def examples() -> tuple[Example, ...]:
    """All of examples.toml, one per core that a group names."""
    groups = tomllib.loads(_FILE.read_text("utf-8"))["group"]
    return tuple(
        Example(core, text, cycles, group.get("taken", False), group.get("address", 0x0800_0000))
        for group in groups
        for core in group["cores"]
        for text, cycles in group["examples"]
    )


@cache
def _assembled() -> dict[str, bytes]:
    """Code of every text, from one run of the assembler for the largest instruction set."""
    texts = list({example.text: None for example in examples()})
    labelled = "".join(f"text{i}: {text.replace('; ', chr(10))}\n" for i, text in enumerate(texts))
    program = load_program(build(f"{HEADER}{labelled}text{len(texts)}:\n", "cm33", flags=("-mfpu=fpv5-d16",)))
    segment = program.segments[0]
    starts = [(program.symbols[f"text{i}"] & ~1) - segment.address for i in range(len(texts) + 1)]
    return {text: segment.data[start:end] for text, start, end in zip(texts, starts, starts[1:], strict=False)}


@cache
def _placed(example: Example) -> tuple[Placed, ...]:
    return place(straight(_assembled()[example.text], example.address), load_core(example.core))[0]


def simulate(example: Example, core: Core) -> int:
    """Cycles until the pipeline is free for the instruction behind the example."""
    pipeline = Pipeline(core)
    block = pipeline.time_block(_placed(example))
    state = Scoreboard()
    pipeline.run(state, block.body)
    pipeline.leave(state, block, example.taken, block if example.taken else None)
    return state.free
