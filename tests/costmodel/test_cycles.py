import pytest

from costmodel.board import load_board
from costmodel.core import core_names, load_core
from costmodel.cycles import Estimate, estimate
from costmodel.errors import CostModelError
from costmodel.profile import Profile
from tests.costmodel.programs import assemble, machine


def run(body: str, argument: int, core: str) -> Profile:
    return machine(assemble(body, core), core).call("main", [argument])


def priced(body: str, argument: int, core: str) -> Estimate:
    return estimate(run(body, argument, core), load_core(core))


def per_iteration(body: str, core: str) -> float:
    """Cycles that one more iteration costs, far from the loop's ends."""
    return (priced(body, 1100, core).total_cycles - priced(body, 100, core).total_cycles) / 1000


# The loops start on a word so that no fetch penalty enters.
COUNT = "1:  subs r0, #1\n    bne 1b\n    bx lr"
SUM = """
    mov r1, sp
    sub sp, #8
1:  ldr r2, [sp]
    ldr r3, [sp, #4]
    adds r4, r2, r3
    subs r0, #1
    bne 1b
    add sp, #8
    bx lr
"""


@pytest.mark.parametrize(
    ("core", "wanted"), [("cm0plus", 1 + 2), ("cm3", 1 + 3), ("cm4", 1 + 3), ("cm33", 1 + 2), ("cm7", 1)]
)
def test_an_empty_counting_loop(core: str, wanted: float) -> None:
    assert per_iteration(COUNT, core) == wanted


@pytest.mark.parametrize(
    ("core", "wanted"),
    [
        ("cm0plus", 2 + 2 + 1 + 1 + 2),
        ("cm3", 2 + 1 + 1 + 1 + 3),
        ("cm4", 2 + 1 + 1 + 1 + 3),
        ("cm33", 1 + 1 + 1 + 1 + 1 + 2),
    ],
)
def test_a_loop_with_two_loads(core: str, wanted: float) -> None:
    assert per_iteration(SUM, core) == wanted


def test_dual_issue_beats_single_issue_in_a_loop() -> None:
    assert per_iteration(SUM, "cm7") == 3


def test_an_alternating_branch_is_mispredicted_half_the_time() -> None:
    body = "1:  lsls r1, r0, #31\n    beq 2f\n    adds r2, #1\n2:  subs r0, #1\n    bne 1b\n    bx lr"
    steady = "1:  lsls r1, r0, #31\n    beq 2f\n2:  subs r0, #1\n    bne 1b\n    bx lr"
    assert per_iteration(body, "cm7") - per_iteration(steady, "cm7") == pytest.approx(8 / 2, abs=1)


@pytest.mark.parametrize("core", core_names())
def test_two_loops_between_marks_cost_what_they_cost_alone(core: str) -> None:
    body = (
        "1:  subs r0, #1\n    bne 1b\n    movs r0, #100\n    b 2f\n    .align 2\n2:  subs r0, #1\n    bne 2b\n    bx lr"
    )
    m = machine(assemble(body, core), core)
    result = estimate(m.call("main", [20], [m.symbol("main") + 8]), load_core(core))
    first, second = result.cycles
    assert result.instructions == (2 * 20 + 2, 2 * 100 + 1)
    assert second - first == pytest.approx(80 * per_iteration(COUNT, core), abs=12)


def test_the_board_gives_its_clock_and_says_when_its_memories_were_not_counted() -> None:
    board = load_board("nucleo-l4r5zi")
    result = estimate(run(COUNT, 10, "cm4"), load_core("cm4"), board)
    assert result.clock_hz == 120_000_000
    assert result.board == "nucleo-l4r5zi"
    assert result.assumptions[0] == "zero-wait memory: not counted on the memories of nucleo-l4r5zi"
    assert sum(result.stall_cycles) == 0
    assert result.seconds == result.total_cycles / 120e6


def test_a_board_with_another_core_is_refused() -> None:
    with pytest.raises(CostModelError, match="board 'nucleo-l4r5zi' has core cm4, not cm7"):
        estimate(run(COUNT, 10, "cm7"), load_core("cm7"), load_board("nucleo-l4r5zi"))


@pytest.mark.parametrize("core", core_names())
def test_an_unvalidated_core_says_so(core: str) -> None:
    stated = [text for text in priced(COUNT, 5, core).assumptions if "unvalidated estimate" in text]
    assert len(stated) == (load_core(core).evidence == "unvalidated")


def test_operand_dependent_costs_are_stated_with_their_range() -> None:
    result = priced("1:  udiv r1, r0, r0\n    subs r0, #1\n    bne 1b\n    bx lr", 25, "cm4")
    assert any("divide: 6 cycles each, truly 2 to 12" in text and "25 times" in text for text in result.assumptions)
    assert not any("divide" in text for text in priced(COUNT, 5, "cm4").assumptions)
