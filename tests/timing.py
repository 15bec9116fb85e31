"""Golden timing tables: what each core's model says of every instruction form, one CSV file per core.

`python -m tests.timing --write` (make golden) rewrites them; a changed figure is a diff that a person reads. The forms
are real encodings with their text, in traces/timing/forms.csv. A form that a core lacks has no row in its table; a
form that the model does not know is an error that names it.
"""

from __future__ import annotations

import argparse
import csv
import io

import numpy as np

from costmodel.classify import FLAGS, PC, Placed, decode, place
from costmodel.core import ROLES, Core, core_names, load_core
from costmodel.errors import IllegalInstruction
from costmodel.pipeline import Pipeline, Scoreboard, Step
from costmodel.profile import OUTSIDE, make_profile
from costmodel.program import Functions
from tests.models_present import ROOT

FOLDER = ROOT / "traces" / "timing"
FORMS = FOLDER / "forms.csv"
HEADER = ("encoding", "instruction", "kind", "issue", "taken", *(role for role in ROLES if role != "flags"), "pairs")
_ADDRESS = 0x0800_0000
# Simple instructions of registers that no form uses: what pairs at all pairs with one of these.
_PARTNERS = ("4ff00109", "c946")  # mov.w r9, #1; mov r9, r9


def forms() -> list[tuple[bytes, str]]:
    """Encoding and assembler text of every form."""
    with FORMS.open(newline="", encoding="utf-8") as lines:
        return [(bytes.fromhex(row["encoding"]), row["text"]) for row in csv.DictReader(lines)]


def table(core: Core) -> str:
    """The CSV text of one core, lines ending in a newline."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for encoding, name in forms():
        try:
            placed = _placed(encoding, core)
        except IllegalInstruction:
            continue
        writer.writerow([encoding.hex(), name, *_row(placed, core)])
    return text.getvalue()


def _placed(encoding: bytes, core: Core) -> Placed:
    """One instruction alone in a block. Raises IllegalInstruction and UnknownInstruction."""
    edges = np.array([[0, OUTSIDE, 0, 1], [0, 0, OUTSIDE, 1]], np.int64)
    functions = Functions((_ADDRESS,), ("form",))
    profile = make_profile(1, np.array([_ADDRESS], np.int64), (encoding,), edges, functions)
    return place(profile, core)[0][0]


def _row(placed: Placed, core: Core) -> list[str]:
    pipeline = Pipeline(core)
    block = pipeline.time_block([placed])
    step = block.branch or block.body[0]
    issue = _cycles(pipeline, [step])
    taken = str(_cycles(pipeline, [step], taken=True)) if block.branch else ""
    return [placed.instruction.kind, str(issue), taken, *_latencies(step), _pairs(pipeline, step, core)]


def _cycles(pipeline: Pipeline, steps: list[Step], taken: bool = False) -> int:
    """Cycles until the pipeline is free for the next instruction."""
    state = Scoreboard()
    for step in steps:
        pipeline.issue(state, step, taken)
    return state.free


def _latencies(step: Step) -> list[str]:
    """Cycles from the first issue cycle to a consumer in each role; nothing for an instruction without a result.

    `1 or 0`: the second when the operands were ready a cycle early.
    """
    op = step.op
    if not set(op.writes) - {FLAGS, PC}:
        return [""] * (len(ROLES) - 1)
    late = op.cost - 1 if op.late_result and op.cost else 0
    ways = [op.latencies] if op.early is None else [op.latencies, op.early]
    figures = [list(dict.fromkeys(way[role] + late for way in ways)) for role in range(len(ROLES))]
    return [" or ".join(map(str, figures[i])) for i, role in enumerate(ROLES) if role != "flags"]


def _pairs(pipeline: Pipeline, step: Step, core: Core) -> str:
    """Whether the form shares its cycle as the older, the younger, either or none of two instructions."""
    if core.pipeline.issue_width == 1:
        return ""
    partners = [pipeline.time_block([_placed(bytes.fromhex(code), core)]).body[0] for code in _PARTNERS]
    alone = _cycles(pipeline, [step])
    older = any(_cycles(pipeline, [step, partner]) == alone for partner in partners)
    younger = any(_cycles(pipeline, [partner, step]) == alone for partner in partners)
    return {(True, True): "either", (True, False): "older", (False, True): "younger", (False, False): "none"}[
        older, younger
    ]


def check_forms() -> None:
    """Raise UnknownInstruction for a form that the model does not know, whatever core has it."""
    for encoding, _ in forms():
        decode(encoding)


def write() -> None:
    """Write the table of every core."""
    check_forms()
    for name in core_names():
        path = FOLDER / f"{name}.csv"
        path.write_text(table(load_core(name)), encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="rewrite the golden tables")
    parser.parse_args()
    write()
