from costmodel.core import load_core
from costmodel.cycles import estimate
from costmodel.hotspots import hotspots
from costmodel.profile import Profile
from tests.costmodel.programs import assemble, machine

BODY = """
    push {r4, lr}
    movs r4, #50
1:  ldr r1, =main
    ldr r1, [r1]
    adds r1, #1
    bl leaf
    subs r4, #1
    bne 1b
    pop {r4, pc}
    .thumb_func
leaf:
    movs r0, #7
2:  subs r0, #1
    bne 2b
    bx lr
    .ltorg
"""


def profiled(core: str = "cm4") -> Profile:
    return machine(assemble(BODY, core), core).call("main")


def test_functions_and_blocks_share_all_cycles_and_instructions() -> None:
    for name in ("cm0plus", "cm4", "cm33"):  # cores without mispredictions, which no block owns
        profile, core = profiled(name), load_core(name)
        found, whole = hotspots(profile, core, top=100), estimate(profile, core)
        for parts in (found.functions, found.blocks):
            assert sum(part.cycles for part in parts) == whole.total_cycles
            assert sum(part.instructions for part in parts) == whole.total_instructions
            assert [part.cycles for part in parts] == sorted((part.cycles for part in parts), reverse=True)


def test_without_symbols_functions_are_what_was_called() -> None:
    found = hotspots(profiled(), load_core("cm4"), top=100)
    starts = {0x0800_0000, 0x0800_0000 + 2 * 9}
    assert {function.address for function in found.functions} >= {min(starts)}
    assert len(found.functions) == 2


def test_the_hottest_block_is_shown_instruction_by_instruction() -> None:
    found = hotspots(profiled(), load_core("cm4"), top=1)
    (block,) = found.blocks
    assert block.count == 50 * 6
    assert [line.text for line in block.lines] == ["subs r0, #1", f"bne 0x{block.address:08x}"]
    assert [line.issue for line in block.lines] == [0, 1]


def test_each_line_says_what_held_it_back() -> None:
    blocks = hotspots(profiled("cm33"), load_core("cm33"), top=100).blocks
    reasons = {line.text: line.reason for block in blocks for line in block.lines}
    assert reasons["ldr r1, [r1]"] == "waits 1 for r1"
    assert reasons["adds r1, #1"] == "waits 1 for r1"
    paired = hotspots(profiled("cm7"), load_core("cm7"), top=100).blocks
    assert any(line.reason == "with the one before" for block in paired for line in block.lines)
