import pytest

from costmodel.classify import place
from costmodel.core import load_core
from costmodel.pipeline import Pipeline, Scoreboard
from tests.costmodel.programs import encode, straight


def cycles(core: str, text: str, address: int = 0x0800_0000, taken: bool = False) -> int:
    """Cycles of straight code, issued into an empty pipeline, its final branch not taken by default."""
    built_for = core if core != "cm3" else "cm3"
    profile = straight(encode(text.replace("; ", "\n"), built_for), address)
    pipeline = Pipeline(load_core(core))
    block = pipeline.time_block(place(profile, load_core(core))[0])
    state = Scoreboard()
    pipeline.run(state, block.body)
    pipeline.leave(state, block, taken, None)
    return state.free


# Arm DDI0484C table 3-1
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("adds r0, r1, r2", 1),
        ("muls r0, r1, r0", 1),
        ("ldr r0, [r1]", 2),
        ("strb r0, [r1, r2]", 2),
        ("ldr r0, [r1]; ldr r2, [r3]", 4),
        ("ldm r0!, {r1-r3}", 4),
        ("stm r0!, {r1-r3}", 4),
        ("push {r4, lr}", 3),
        ("pop {r4, r5}", 3),
        ("mrs r0, primask", 3),
        ("dmb sy", 3),
        ("nop", 1),
    ],
)
def test_armv6m_costs_are_those_of_the_table(text: str, wanted: int) -> None:
    assert cycles("cm0plus", text) == wanted


@pytest.mark.parametrize(
    ("text", "taken", "wanted"),
    [
        ("beq .+8", False, 1),
        ("beq .+8", True, 2),
        ("b .+8", True, 2),
        ("bl .+8", True, 3),
        ("bx lr", True, 2),
        ("blx r3", True, 2),
        ("pop {r4, pc}", True, 5),
        ("mov pc, lr", True, 2),
    ],
)
def test_armv6m_branches_cost_what_the_table_says(text: str, taken: bool, wanted: int) -> None:
    assert cycles("cm0plus", text, taken=taken) == wanted


# Arm 100166 (Cortex-M4) and DDI0337I (Cortex-M3), load/store timings and their examples
@pytest.mark.parametrize("core", ["cm3", "cm4"])
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ldr r0, [r1]", 2),
        ("ldr r0, [r1]; ldr r2, [r3]", 3),
        ("ldr r0, [r1, r2]; str r0, [r3, #20]", 3),
        ("ldr r0, [r1, r2]; str r1, [r3, r2]", 3),
        ("ldr r0, [r1, r5]; ldr r1, [r2]; ldr r2, [r3, #4]", 4),
        ("ldr r0, [r1]; ldr r2, [r0]", 4),
        ("ldr r0, [r1], #4; ldr r2, [r1], #4", 4),
        ("str r0, [r1, #4]", 1),
        ("str r0, [r1, r2]", 2),
        ("str r0, [r1, r2]; ldr r3, [r4]", 4),
        ("ldrd r0, r1, [r2]", 3),
        ("ldm r0, {r1-r3}", 4),
        ("stm r0!, {r1-r7}", 8),
        ("ldm r0, {r1, r2}; ldr r3, [r4]", 5),
        ("mul r0, r1, r2", 1),
        ("adds r0, #4; adds r1, r0, #4", 2),
        ("adds r0, #4; ldr r1, [r0]", 4),
        ("adds r0, #4; nop; ldr r1, [r0]", 4),
    ],
)
def test_armv7m_loads_pipeline_as_in_the_manuals_examples(core: str, text: str, wanted: int) -> None:
    assert cycles(core, text) == wanted


@pytest.mark.parametrize(
    ("core", "text", "wanted"),
    [
        ("cm3", "mla r0, r1, r2, r3", 2),
        ("cm4", "mla r0, r1, r2, r3", 1),
        ("cm3", "umull r0, r1, r2, r3", 4),
        ("cm4", "umull r0, r1, r2, r3", 1),
        ("cm4", "smlad r0, r1, r2, r0; smlad r0, r3, r4, r0", 2),
        ("cm4", "vadd.f32 s0, s1, s2; vadd.f32 s3, s4, s5", 2),
        ("cm4", "vadd.f32 s0, s1, s2; vadd.f32 s3, s0, s5", 3),
        ("cm4", "vmla.f32 s0, s1, s2", 3),
        ("cm4", "vmla.f32 s0, s1, s2; vmla.f32 s0, s3, s4", 6),
        ("cm4", "vmla.f32 s0, s1, s2; vadd.f32 s3, s0, s4", 5),
        ("cm4", "vdiv.f32 s0, s1, s2", 14),
        ("cm4", "vldmia r0!, {s0-s3}", 5),
        ("cm4", "vldr s0, [r0]; vldr s1, [r1]", 3),
        ("cm4", "vldr d0, [r0]", 3),
        ("cm4", "vmov r0, r1, d0", 2),
    ],
)
def test_multiplies_and_floating_point_of_armv7m(core: str, text: str, wanted: int) -> None:
    assert cycles(core, text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("adds r0, #1; it eq; addeq r1, #1", 2),
        ("add.w r0, r0, #1; it eq; addeq r1, #1", 3),
        ("ite eq; ldreq r0, [r1]; ldrne r0, [r2]", 4),
    ],
)
def test_it_folds_after_a_narrow_instruction_and_the_else_side_is_skipped(text: str, wanted: int) -> None:
    assert cycles("cm4", text) == wanted


def test_it_in_the_upper_halfword_folds_on_cm4() -> None:
    text = "it eq; addeq r1, #1; nop; nop"
    assert cycles("cm4", f"add.w r0, r0, #1; {text}", 0x0800_0002) == cycles("cm4", f"add.w r0, r0, #1; {text}") - 1


def test_a_slow_instruction_before_three_wide_ones_across_words_costs_one_more() -> None:
    text = "ldr r0, [r1]; add.w r2, r2, #1; add.w r3, r3, #1; add.w r4, r4, #1"
    assert cycles("cm4", text, 0x0800_0000) == 6
    assert cycles("cm4", text, 0x0800_0002) == 5


# jnk0le/random cortex_m33.md
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("add r0, r1; add r2, r0", 2),
        ("add.w r0, r1, r2, lsl #2; add r3, r0", 3),
        ("add.w r0, r1, r2, lsl #2; mla r3, r4, r5, r0", 2),
        ("ldr r0, [r1]; add r2, r0", 3),
        ("ldr r0, [r1]; nop.w; add r2, r0", 3),
        ("ldr r0, [r1]; mla r2, r3, r4, r0", 2),
        ("ldr r0, [r1]; str r0, [r2]", 2),
        ("mla r0, r1, r2, r0; mla r0, r3, r4, r0", 2),
        ("mla r0, r1, r2, r3; add r4, r0", 3),
        ("muls r0, r1, r0", 2),
        ("uadd8 r0, r1, r2; add r3, r0", 3),
        ("ldm r0, {r1-r4}", 4),
        ("ldrd r0, r1, [r2]", 2),
        ("adds r0, #1; nop", 1),
        ("add.w r0, r0, #1; nop", 2),
        ("vadd.f32 s0, s1, s2; vmul.f32 s3, s0, s4", 3),
        ("vfma.f32 s0, s1, s2; vadd.f32 s3, s4, s5", 4),
        ("vfma.f32 s0, s1, s2; add r0, r1; add r2, r3", 3),
        ("vfma.f32 s0, s1, s2; vfma.f32 s0, s3, s4", 4),
    ],
)
def test_armv8m_latencies(text: str, wanted: int) -> None:
    assert cycles("cm33", text) == wanted


@pytest.mark.parametrize(
    ("text", "taken", "wanted"),
    [
        ("subs r0, #1; bne .+8", True, 3),
        ("mov r0, r1; bne .+8", True, 2),
        ("mov r0, r1; bne .+8", False, 1),
        ("mov.w r0, r1; bne .+8", False, 2),
        ("mov r0, r1; bx lr", True, 4),
    ],
)
def test_armv8m_branches_share_a_cycle_with_a_narrow_predecessor(text: str, taken: bool, wanted: int) -> None:
    assert cycles("cm33", text, taken=taken) == wanted


# jnk0le/random cortex_m7.md: what may share a cycle
@pytest.mark.parametrize(
    ("older", "younger", "pair"),
    [
        ("adds r0, r1, #1", "adds r2, r3, #1", True),
        ("ldr r0, [r1]", "adds r2, r3, #1", True),
        ("ldr r0, [r1]", "ldr r2, [r1, #4]", True),
        ("ldr r0, [r1]", "ldr r2, [r1, #8]", False),
        ("ldrsb r0, [r1]", "ldrsb r2, [r1, #1]", False),
        ("ldr r0, [r1]", "str r2, [r3]", True),
        ("mul r0, r1, r2", "mul r3, r4, r5", False),
        ("mul r0, r1, r2", "str r3, [r4]", False),
        ("str r3, [r4]", "mul r0, r1, r2", False),
        ("str r0, [r1]", "str r2, [r3]", False),
        ("mul r0, r1, r2", "ldr r3, [r4]", True),
        ("uxtb r0, r1", "adds r2, r3, #1", True),
        ("adds r2, r3, #1", "uxtb r0, r1", False),
        ("uxtb r0, r1", "uxtb r2, r3", False),
        ("clz r0, r1", "uadd8 r2, r3, r4", False),
        ("add.w r0, r1, r2, lsl #1", "add.w r3, r4, r5, lsl #1", False),
        ("adds r0, r1, #1", "add.w r3, r4, r5, lsl #1", True),
        ("rev r0, r1", "add.w r3, r4, r5, lsl #1", False),
        ("sdiv r0, r1, r2", "adds r3, r4, #1", False),
        ("ldrd r0, r1, [r2]", "adds r3, r4, #1", False),
        ("ldm r0, {r1, r2}", "adds r3, r4, #1", False),
        ("adds r3, r4, #1", "push {r0, r1}", False),
        ("vadd.f32 s0, s1, s2", "vmul.f32 s3, s4, s5", False),
        ("vadd.f32 s0, s1, s2", "vldr s3, [r0]", True),
        ("vmov.f32 s0, #1.0", "vmov.f32 s1, #1.0", False),
        ("vfma.f32 s0, s1, s2", "vldr s3, [r0]", False),
        ("vfma.f32 s0, s1, s2", "adds r0, r1, #1", True),
    ],
)
def test_which_instructions_share_a_cycle_on_cm7(older: str, younger: str, pair: bool) -> None:
    together = cycles("cm7", f"{older}; {younger}")
    assert together == cycles("cm7", older) + (0 if pair else cycles("cm7", younger))


# jnk0le/random cortex_m7.md: latencies to each kind of consumer
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("adds r0, r1, #1; adds r2, r0, #1", 1),
        ("adds r0, r1, #1; adds r2, r0, #1; adds r3, r2, #1", 2),
        ("add.w r0, r1, r2, lsl #1; adds r3, r0, #1", 2),
        ("adds r0, r1, #1; ldr r2, [r0]", 2),
        ("uxtb r0, r1; ldr r2, [r0]", 3),
        ("adds r0, r1, #1; str r0, [r2]", 1),
        ("ldr r0, [r1]; adds r2, r0, #1", 2),
        ("ldr r0, [r1]; ldr r2, [r0]", 3),
        ("ldr r0, [r1]; add.w r2, r3, r0, lsl #1", 3),
        ("ldr r0, [r1]; mul r2, r0, r3", 3),
        ("ldr r0, [r1]; mla r2, r3, r4, r0", 2),
        ("ldrb r0, [r1]; adds r2, r0, #1", 3),
        ("ldrb r0, [r1]; mul r2, r0, r3", 3),
        ("uxtb r0, r1; mul r2, r0, r3", 2),
        ("ldr r0, [r1]; sxtb16 r2, r0", 2),
        ("eor r0, r1, r2; smlad r3, r4, r5, r0", 1),
        ("eor r0, r1, r2; eor r3, r0, r2", 2),
        ("nop; adds r0, r1, #1; adds r2, r0, #1", 2),
        ("nop; lsls r0, r1, #1; adds r2, r0, #1", 2),
        ("eor r0, r1, r2; eor r3, r0, r4, lsl #1", 2),
        ("eor r0, r1, r2; eor r3, r4, r0, lsl #1", 3),
        ("mul r0, r1, r2; adds r3, r0, #1", 3),
        ("mul r0, r1, r2; mla r3, r4, r5, r0", 2),
        ("ldm r0, {r1-r4}", 2),
        ("ldm r0, {r1-r5}", 3),
        ("vadd.f32 s0, s1, s2; vadd.f32 s3, s0, s4", 4),
        ("vfma.f32 s0, s1, s2; vfma.f32 s0, s3, s4", 4),
        ("vfma.f32 s0, s1, s2; vmul.f32 s3, s0, s4", 6),
        ("vfma.f32 s0, s1, s2; vadd.f32 s3, s4, s5", 5),
        ("vmov s0, r0; vadd.f32 s1, s0, s2", 4),
        ("vdiv.f32 s0, s1, s2; vadd.f32 s3, s0, s4", 17),
    ],
)
def test_latencies_of_cm7(text: str, wanted: int) -> None:
    assert cycles("cm7", text) == wanted


# llvm ARMScheduleM55.td: two 16-bit instructions, one of them simple
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("add r0, r1; mov r2, r3", 1),
        ("mov r2, r3; ldr r0, [r1]", 1),
        ("add r0, r1; add r2, r3", 2),
        ("add r0, r1; mov.w r2, r3", 2),
        ("mov.w r2, r3; mov r0, r1", 2),
        ("ldr r0, [r1]; mov r2, r0", 3),
        ("ldr r0, [r1]; ldr r2, [r3]; add r0, r2", 4),
        ("mla r0, r1, r2, r3; add r4, r0", 3),
        ("add.w r0, r1, r2, lsl #2; add r3, r0", 3),
        ("vmla.f32 s0, s1, s2; vadd.f32 s3, s0, s4", 5),
        ("vfma.f32 s0, s1, s2; vadd.f32 s3, s0, s4", 3),
    ],
)
def test_cm55_follows_the_compilers_model(text: str, wanted: int) -> None:
    assert cycles("cm55", text) == wanted


# jnk0le/random cortex_m85.md and llvm ARMScheduleM85.td
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("adds r0, r1, #1; adds r2, r3, #1", 1),
        ("uxtb r0, r1; uxtb r2, r3", 2),
        ("uxtb r0, r1; uadd8 r2, r3, r4", 2),
        ("ubfx r0, r1, #0, #8; ubfx r2, r3, #0, #8", 1),
        ("mul r0, r1, r2; mul r3, r4, r5", 2),
        ("umlal r0, r1, r2, r3; str r4, [r5, r6]", 2),
        ("umlal r0, r1, r2, r3; strd r4, r5, [r6]", 2),
        ("str r4, [r5, r6]; umlal r0, r1, r2, r3", 2),
        ("umlal r0, r1, r2, r3; str r4, [r5]", 1),
        ("ldr r0, [r1]; ldr r2, [r1, #4]", 1),
        ("ldr r0, [r1]; ldr r2, [r1, #8]", 2),
        ("str r0, [r1]; str r2, [r1, #4]", 1),
        ("str r0, [r1]; str r2, [r1, #8]", 2),
        ("ldrd r0, r1, [r2]; strd r3, r4, [r5]", 1),
        ("ldrd r0, r1, [r2]; ldrd r3, r4, [r5]", 2),
        ("ldrd r0, r1, [r2]; ldr r3, [r5]", 2),
        ("ldr r3, [r5]; ldrd r0, r1, [r2]", 2),
        ("strd r0, r1, [r2]; str r3, [r5]", 2),
        ("str r3, [r5]; strd r0, r1, [r2]", 2),
        ("ldr r0, [r1]; ldr r2, [r0]", 3),
        ("ldr r0, [r1]; str r0, [r2]", 1),
        ("ldrb r0, [r1]; add r2, r0", 3),
        ("mul r0, r1, r2; mla r3, r4, r5, r0", 2),
        ("vadd.f32 s0, s1, s2; vmul.f32 s3, s4, s5", 2),
        ("vadd.f32 s0, s1, s2; vldr s3, [r0]", 1),
        ("vfma.f32 s0, s1, s2; vfma.f32 s0, s3, s4", 3),
    ],
)
def test_pairs_and_latencies_of_cm85(text: str, wanted: int) -> None:
    assert cycles("cm85", text) == wanted


def test_a_predicted_taken_branch_costs_no_refill_on_cm7() -> None:
    assert cycles("cm7", "subs r0, #1; bne .+8", taken=True) == 1
