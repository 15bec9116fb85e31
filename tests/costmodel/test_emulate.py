from collections import Counter
from typing import Any

import numpy as np
import pytest
import unicorn

from costmodel.classify import place
from costmodel.core import load_core
from costmodel.emulate import Machine
from costmodel.errors import (
    InstructionLimit,
    MarkNotReached,
    StackOverflow,
    UndefinedInstruction,
    WildAccess,
)
from costmodel.profile import OUTSIDE, Profile, load_profile, widths
from tests.costmodel.programs import assemble, build, machine

IT_BLOCKS = """
    movs r2, #0
1:  ands r3, r0, #3
    ittee eq
    addeq r2, r2, #1
    addeq r2, r2, #2
    addne r2, r2, #3
    ldrne r1, [sp]
    it ne
    bne 2f
    adds r2, #9
2:  subs r0, #1
    bne 1b
    cmp r2, #0
    it gt
    bxgt lr
    movs r2, #0
    bx lr
"""
LDM_AND_TAIL_CALL = """
    push {r4-r7, lr}
    mov r4, r0
1:  mov r0, r4
    bl twice
    subs r4, #1
    bne 1b
    ldmia.w sp!, {r4-r7, lr}
    b.w tail
    .thumb_func
twice:
    stmdb sp!, {r0-r3}
    adds r0, r0
    add sp, #16
    bx lr
    .thumb_func
tail:
    ldr r1, =finish
    bx r1
    .ltorg
    .type finish, %function
    .thumb_func
finish:
    bx lr
"""
ENTERED_IN_THE_MIDDLE = """
    movs r1, #0
    lsrs r2, r0, #1
    bcs 2f
1:  adds r1, #1
    adds r1, #2
2:  adds r1, #3
    adds r1, #4
    subs r0, #1
    bgt 1b
    bx lr
"""
LONG_STRAIGHT = """
1:
    .rept 3000
    adds r1, #1
    add.w r2, r2, r1
    .endr
    subs r0, #1
    beq 2f
    b.w 1b
2:  bx lr
"""
IT_ACROSS_PAGES = """
1:
    .rept 300
    cmp r0, #2
    itete gt
    addgt.w r1, r1, #1
    addle.w r1, r1, #2
    addgt.w r1, r1, #3
    addle r1, r1, #4
    .endr
    subs r0, #1
    bne.w 1b
    bx lr
"""
TABLE_BRANCH = """
1:  and r1, r0, #3
    tbb [pc, r1]
2:  .byte (3f-2b)/2, (4f-2b)/2, (5f-2b)/2, (6f-2b)/2
3:  nop
4:  nop
5:  nop
6:  subs r0, #1
    bne 1b
    bx lr
"""
PROGRAMS = {
    "it": IT_BLOCKS,
    "ldm": LDM_AND_TAIL_CALL,
    "middle": ENTERED_IN_THE_MIDDLE,
    "long": LONG_STRAIGHT,
    "it pages": IT_ACROSS_PAGES,
    "table": TABLE_BRANCH,
}


def executed(elf: bytes, argument: int, core: str = "cm4") -> Counter[int]:
    """Executions per address, by the emulator's own hook on every instruction."""
    plain = Machine(elf, load_core(core), stack_size=1024, instruction_limit=0, counted=False)
    counts: Counter[int] = Counter()

    def on_code(_engine: Any, address: int, _size: int, _user: Any) -> None:
        counts[address] += 1

    plain._engine.hook_add(unicorn.UC_HOOK_CODE, on_code)
    plain.call("main", [argument])
    return counts


def with_skipped(counts: Counter[int], profile: Profile) -> Counter[int]:
    """The emulator does not report instructions whose condition fails; they count as often as their IT."""
    result = Counter(counts)
    governing = 0
    instructions = sorted(sum(place(profile, load_core("cm4")), ()), key=lambda here: here.address)
    for here in instructions:
        if here.instruction.kind == "it":
            governing = here.address
        elif here.predicate:
            assert counts[here.address] <= counts[governing]
            result[here.address] = counts[governing]
    return result


def profiled(profile: Profile) -> Counter[int]:
    """The same from a profile."""
    counts: Counter[int] = Counter()
    for start, code, count in zip(profile.address, profile.code, profile.block_counts(), strict=True):
        address = int(start)
        for width in widths(code):
            counts[address] += int(count)
            address += width
    return counts


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("argument", [1, 7, 8])
def test_block_counts_equal_a_count_of_every_instruction(name: str, argument: int) -> None:
    elf = assemble(PROGRAMS[name])
    profile = machine(elf).call("main", [argument])
    wanted = with_skipped(executed(elf, argument), profile)
    assert profiled(profile) == wanted
    assert profile.instructions() == sum(wanted.values())


def test_edges_lead_in_and_out_and_conserve_flow() -> None:
    profile = machine(assemble(LDM_AND_TAIL_CALL)).call("main", [5])
    flow: Counter[int] = Counter()
    for _, source, target, count in profile.edges.tolist():
        flow[source] -= count
        flow[target] += count
    assert all(value == 0 for value in flow.values())
    assert profile.edges[profile.edges[:, 1] == OUTSIDE, 3].sum() == 1


def layered(core: str = "cm4") -> bytes:
    return build(
        """
        int out[3];
        __attribute__((noinline)) void a(int n) { for (volatile int i = 0; i < n; i++) { } out[0] += n; }
        __attribute__((noinline)) void b(int n) { for (volatile int i = 0; i < 2 * n; i++) { } out[1] += n; }
        __attribute__((noinline)) void c(int n) { a(n); out[2] += n; }
        int main(int n) { a(n); b(n); c(n); return out[0] + out[1] + out[2]; }
        """,
        core,
        "c",
    )


@pytest.mark.parametrize("core", ["cm0plus", "cm3", "cm4", "cm7", "cm33"])
def test_marks_slice_the_run_without_changing_its_counts(core: str) -> None:
    m = machine(layered(core), core)
    marks = [m.symbol(name) for name in "abc"]
    seen: list[tuple[int, list[int]]] = []

    def on_mark(k: int) -> None:
        seen.append((k, np.frombuffer(m.read(m.symbol("out"), 12), "<i4").tolist()))

    sliced = m.call("main", [10], marks, on_mark)
    assert m.result == 40
    assert seen == [(0, [0, 0, 0]), (1, [10, 0, 0]), (2, [10, 10, 0])]
    whole = m.call("main", [10])
    assert sliced.segments == 4
    assert profiled(sliced) == profiled(whole)
    assert sum(sliced.instructions(k) for k in range(4)) == whole.instructions() == sliced.instructions()
    assert sliced.instructions(2) > 1.5 * sliced.instructions(1)
    assert {tuple(row) for row in sliced.edges[:, 1:3].tolist()} == {tuple(row) for row in whole.edges[:, 1:3].tolist()}


def test_a_mark_never_reached_is_an_error() -> None:
    m = machine(layered())
    with pytest.raises(MarkNotReached, match="second"):
        m.call("main", [1], [m.symbol("c"), m.symbol("b")], labels=["start", "first", "second"])


def test_more_edges_than_the_table_holds_are_still_counted() -> None:
    body = "\n".join("    cbz r1, 9f\n9:  beq 8f\n8:  nop" for _ in range(5000))
    elf = assemble(f"    mov r1, r0\n{body}\n    bx lr")
    profile = machine(elf).call("main", [0])
    assert profiled(profile) == executed(elf, 0)


def test_arguments_beyond_four_go_on_the_stack() -> None:
    source = "int main(int a, int b, int c, int d, int e, int f) { return a + 2*b + 4*c + 8*d + 16*e + 32*f; }"
    m = machine(build(source, "cm4", "c"))
    m.call("main", [1, 1, 1, 1, -1, 3])
    assert m.result == 15 - 16 + 96


def test_data_is_initialized_and_bss_is_zero() -> None:
    source = "int data = 42; int bss[1000]; int main(void) { return data + bss[999]; }"
    m = machine(build(source, "cm4", "c"))
    m.call("main")
    assert m.result == 42


def test_single_precision_runs_where_the_core_has_a_unit() -> None:
    elf = build("int main(int n) { float x = (float)n; return (int)(x * 1.5f + x / 4.0f); }", "cm4", "c")
    for core in ("cm4", "cm7", "cm33"):
        m = machine(elf, core)
        m.call("main", [8])
        assert m.result == 14


def test_stack_used_is_the_high_water_mark_of_the_last_call() -> None:
    m = machine(assemble("    sub sp, #200\n    str r0, [sp]\n    add sp, #200\n    bx lr\n"))
    m.call("main", [1])
    assert m.stack_used == 200


@pytest.mark.parametrize("stack", [64, 1024, 4096, 5000])
def test_stack_overflow_is_told_apart_at_the_byte(stack: int) -> None:
    deep = assemble("    movw r1, #0\n    sub.w r1, sp, r0\n    str r1, [r1]\n    bx lr\n")
    size = (stack + 7) & ~7
    machine(deep, stack=stack).call("main", [size])
    with pytest.raises(StackOverflow, match=f"main.*below the stack of {size} bytes"):
        machine(deep, stack=stack).call("main", [size + 4])


def test_runaway_recursion_is_a_stack_overflow() -> None:
    with pytest.raises(StackOverflow, match="layer 0"):
        machine(assemble("1:  push {r0, lr}\n    bl 1b\n")).call("main", [], labels=["layer 0"])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("    ldr r1, =0x50000000\n    ldr r0, [r1, #4]\n    bx lr\n", "reads 0x50000004"),
        ("    ldr r1, =0x50000000\n    nop\n    strb r0, [r1]\n    bx lr\n", "writes 0x50000000"),
        ("    ldr r1, =0x08000000\n    str r0, [r1]\n    bx lr\n", "writes 0x08000000, which the program may not"),
        ("    ldr r1, =0x50000001\n    bx r1\n", "jumps to 0x50000000"),
    ],
)
def test_a_wild_access_names_label_verb_address_function_and_line(body: str, text: str) -> None:
    with pytest.raises(WildAccess) as caught:
        machine(assemble(body)).call("main", [], marks=[0x08000000], labels=["start", 'layer 7 CONV_2D "x"'])
    message = str(caught.value)
    assert message.startswith(f'layer 7 CONV_2D "x": {text}')
    assert "\n" not in message
    if "jumps" not in text:
        assert "in main" in message


def test_a_fault_names_the_source_line() -> None:
    source = "int main(int *p) {\n  int s = 1;\n  s += p[1];\n  return s; }\n"
    with pytest.raises(WildAccess, match=r"at 0x0800000. in main.* \(<stdin>:3\)"):
        machine(build(source, "cm4", "c")).call("main", [0x60000000])


@pytest.mark.parametrize("body", ["    udf #0\n", "    bkpt #1\n", "    svc #0\n    bx lr\n"])
def test_an_undefined_instruction_is_an_error_at_its_place(body: str) -> None:
    with pytest.raises(UndefinedInstruction, match=r"call of main: .* in main\+0x2 "):
        machine(assemble(f"    nop\n{body}")).call("main")


@pytest.mark.parametrize(("body", "name"), [(".short 0xef22, 0x0844", "Helium"), (".short 0xf040, 0xe001", "loop")])
def test_helium_and_armv81m_code_is_named_where_it_faults(body: str, name: str) -> None:
    with pytest.raises(UndefinedInstruction, match=rf"{name}.* instruction \(encoding .* at 0x08000000 in main"):
        machine(assemble(body, "cm55"), "cm55").call("main")


@pytest.mark.parametrize("limit", [10, 11, 100, 1001])
def test_the_instruction_limit_is_exact_to_the_block(limit: int) -> None:
    m = machine(assemble("1:  adds r0, #1\n    add.w r1, r1, #1\n    add.w r2, r2, #1\n    b 1b\n"), limit=limit)
    with pytest.raises(InstructionLimit, match=f"still runs after {limit // 4 * 4} instructions at 0x08000000 in main"):
        m.call("main")


def test_a_run_of_exactly_the_limit_ends_well() -> None:
    elf = assemble("1:  add.w r1, r1, #1\n    subs r0, #1\n    bne 1b\n    bx lr\n")
    assert machine(elf, limit=31).call("main", [10]).instructions() == 31
    with pytest.raises(InstructionLimit):
        machine(elf, limit=30).call("main", [10])


def test_a_profile_survives_its_file(tmp_path: Any) -> None:
    m = machine(layered())
    profile = m.call("main", [3], [m.symbol("b")])
    profile.save(tmp_path / "p.npz")
    again = load_profile(tmp_path / "p.npz")
    assert again.segments == profile.segments
    assert again.code == profile.code
    assert again.functions == profile.functions
    for name in ("address", "size", "block_instructions", "edges"):
        np.testing.assert_array_equal(getattr(again, name), getattr(profile, name))
