from pathlib import Path

import pytest

from costmodel.core import load_core
from costmodel.errors import BadImage, EndlessPoll, InstructionLimit
from costmodel.firmware import Firmware
from costmodel.image import load_image
from costmodel.program import load_program
from costmodel.references import function_in_loop_after
from tests.costmodel.programs import HEADER, assemble, build

FIRMWARE = """
    .word 0x20001000, reset + 1
    .thumb_func
    .global reset
reset:
    ldr r0, =0x40021000
    movs r1, #1
    str r1, [r0]
1:  ldr r1, [r0]
    lsls r1, r1, #6
    bpl 1b
    {waits}
    ldr r2, =text
    ldr r3, =0x24000000
    movs r4, #3
2:  movs r0, #10
    bl work
    subs r4, #1
    bne 2b
3:  b 3b
    .thumb_func
    .global work
work:
    push {{r4, lr}}
    sub sp, #24
    bl leaf
4:  subs r0, #1
    bne 4b
    ldr r1, [r3]
    adds r1, #1
    str r1, [r3]
    add sp, #24
    pop {{r4, pc}}
    .thumb_func
leaf:
    push {{r5, r6, lr}}
    bl 5f
    pop {{r5, r6, pc}}
5:  bx lr
    .ltorg
text: .asciz "m-infer-start"
"""


def firmware(waits: str = "", mmio: dict[int, list[int]] | None = None) -> Firmware:
    program = load_program(build(HEADER + FIRMWARE.format(waits=waits), "cm4"))
    return Firmware(program, load_core("cm4"), limit=1_000_000, mmio=mmio)


def test_a_boot_that_polls_a_clock_reaches_the_function() -> None:
    twin = firmware()
    work = twin.symbol("work") & ~1
    twin.run_to(work)
    assert twin.peripherals.polled.keys() == {0x4002_1000}
    call = twin.profile_call(work)
    # push, sub, bl, [leaf: push, bl, bx, pop], 10 x 2, ldr, adds, str, add, pop
    assert call.profile.total_instructions == 3 + 4 + 20 + 5
    assert call.stack == 8 + 24 + 12
    assert int.from_bytes(twin.read(0x2400_0000, 4), "little") == 1


def test_a_scripted_register_needs_no_guess() -> None:
    twin = firmware(mmio={0x4002_1000: [0, 1 << 25]})
    twin.run_to(twin.symbol("work"))
    assert not twin.peripherals.polled


def test_twice_is_with_the_same_arguments_and_counts_the_second() -> None:
    twin = firmware()
    work = twin.symbol("work")
    twin.run_to(work)
    assert twin.profile_call(work, twice=True).profile.total_instructions == 32
    assert int.from_bytes(twin.read(0x2400_0000, 4), "little") == 2


def test_calls_follow_each_other_where_the_first_returned() -> None:
    twin = firmware()
    work = twin.symbol("work")
    for _ in range(3):
        twin.run_to(work)
        assert twin.profile_call(work).profile.total_instructions == 32
    with pytest.raises(InstructionLimit):
        twin.run_to(work)


def test_a_poll_that_never_ends_names_address_and_register() -> None:
    twin = firmware("7: ldr r1, [r0, #8]\n b 7b")
    with pytest.raises(EndlessPoll, match=r"polls 0x40021008 without end at 0x0800.* in reset.*--mmio 0x40021008="):
        twin.run_to(twin.symbol("work"))


def test_an_image_without_vectors_cannot_be_reset(tmp_path: Path) -> None:
    for content in (b"1234", b"\0" * 16):
        (tmp_path / "a.bin").write_bytes(content)
        twin = Firmware(load_image(tmp_path / "a.bin"), load_core("cm4"), limit=1000)
        assert not twin.has_vectors
        with pytest.raises(BadImage, match="no vector table"):
            twin.run_to(0x0800_0000)


def test_a_function_of_an_image_without_vectors_can_be_called() -> None:
    program = load_program(assemble("push {r4, lr}\n bl leaf\n pop {r4, pc}\n.thumb_func\nleaf: bx lr"))
    twin = Firmware(program, load_core("cm4"), limit=1000)
    call = twin.profile_call(twin.symbol("main"))
    assert (call.profile.total_instructions, call.stack) == (4, 8)


def test_the_function_called_in_a_loop_behind_a_text_is_found() -> None:
    twin = firmware()
    _, function = function_in_loop_after(twin.program, b"m-infer-start")
    assert function == twin.symbol("work") & ~1
    with pytest.raises(BadImage, match="no loop with a call"):
        function_in_loop_after(twin.program, b"absent")
