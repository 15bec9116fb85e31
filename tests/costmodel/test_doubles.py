import math
import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.doubles import _fused
from tests.costmodel.programs import assemble, machine

BODY = """
    push {{r4, lr}}
    vldr d0, [r0]
    vldr d1, [r0, #8]
    vldr d2, [r0, #16]
    {body}
    vstr d2, [r0, #24]
    pop {{r4, pc}}
    .bss
    .align 3
    .global numbers
numbers: .space 64
"""
numbers = st.floats(allow_nan=False, width=64)


def run(body: str, *values: float) -> tuple[float, int]:
    """(d2 as stored, r0) after `body` on d0, d1, d2."""
    source = ".fpu fpv5-d16\n" + BODY.format(body=body)
    twin = machine(assemble(source, "cm7"), "cm7")
    address = twin.symbol("numbers")
    twin.write(address, struct.pack(f"<{len(values)}d", *values))
    twin.call("main", [address])
    return struct.unpack("<d", twin.read(address + 24, 8))[0], twin.result


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("vadd.f64 d2, d0, d1", 1.5 + 0.1),
        ("vsub.f64 d2, d0, d1", 1.5 - 0.1),
        ("vmul.f64 d2, d0, d1", 1.5 * 0.1),
        ("vnmul.f64 d2, d0, d1", -(1.5 * 0.1)),
        ("vdiv.f64 d2, d0, d1", 1.5 / 0.1),
        ("vmla.f64 d2, d0, d1", 7.0 + 1.5 * 0.1),
        ("vmls.f64 d2, d0, d1", 7.0 - 1.5 * 0.1),
        ("vnmla.f64 d2, d0, d1", -7.0 - 1.5 * 0.1),
        ("vnmls.f64 d2, d0, d1", -7.0 + 1.5 * 0.1),
        ("vfma.f64 d2, d0, d1", float(Fraction(7) + Fraction(1.5) * Fraction(0.1))),
        ("vfms.f64 d2, d0, d1", float(Fraction(7) - Fraction(1.5) * Fraction(0.1))),
        ("vfnma.f64 d2, d0, d1", float(-Fraction(7) - Fraction(1.5) * Fraction(0.1))),
        ("vfnms.f64 d2, d0, d1", float(-Fraction(7) + Fraction(1.5) * Fraction(0.1))),
        ("vsqrt.f64 d2, d0", math.sqrt(1.5)),
        ("vneg.f64 d2, d0", -1.5),
        ("vabs.f64 d2, d0", 1.5),
        ("vmov.f64 d2, d1", 0.1),
        ("vmov.f64 d2, #-0.3125", -0.3125),
        ("vmov.f64 d2, #31.0", 31.0),
        ("vcvt.f32.f64 s8, d1\n vcvt.f64.f32 d2, s8", struct.unpack("<f", struct.pack("<f", 0.1))[0]),
        ("vcvt.s32.f64 s9, d0\n vcvt.f64.s32 d2, s9", 1.0),
        ("vneg.f64 d0, d0\n vcvt.s32.f64 s9, d0\n vcvt.f64.s32 d2, s9", -1.0),
        ("vneg.f64 d0, d0\n vcvt.u32.f64 s9, d0\n vcvt.f64.u32 d2, s9", 0.0),
        ("vcvtr.s32.f64 s9, d0\n vcvt.f64.s32 d2, s9", 2.0),
    ],
)
def test_each_instruction_computes_what_the_manual_says(instruction: str, expected: float) -> None:
    assert run(instruction, 1.5, 0.1, 7.0)[0] == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"), [(1.0, 2.0, 1), (2.0, 2.0, 2), (3.0, 2.0, 4), (math.nan, 2.0, 8), (-0.0, 0.0, 2)]
)
def test_a_comparison_sets_the_flags(left: float, right: float, expected: int) -> None:
    body = """
    vcmp.f64 d0, d1
    vmrs APSR_nzcv, fpscr
    mov r0, #0
    it mi
    orrmi r0, #1
    it eq
    orreq r0, #2
    it gt
    orrgt r0, #4
    it vs
    orrvs r0, #8
    pop {r4, pc}
    """
    assert run(body, left, right)[1] == expected


def test_inside_an_it_block_only_the_right_side_runs() -> None:
    body = """
    cmp r0, r0
    itete eq
    vaddeq.f64 d2, d0, d1
    vaddne.f64 d2, d2, d1
    vmuleq.f64 d2, d2, d1
    vaddne.f64 d2, d1, d1
    """
    assert run(body, 2.0, 3.0, 0.0)[0] == 15.0


@settings(max_examples=50)
@given(numbers, numbers, numbers)
def test_a_fused_sum_is_rounded_once(a: float, n: float, m: float) -> None:
    if not all(map(math.isfinite, (a, n, m))):
        with np.errstate(all="ignore"):
            np.testing.assert_equal(_fused(a, n, m), float(np.float64(n) * np.float64(m) + np.float64(a)))
        return
    exact = Fraction(a) + Fraction(n) * Fraction(m)
    if abs(exact) < 2**1024 - 2**970:
        assert _fused(a, n, m) == float(exact)
    else:
        assert _fused(a, n, m) == (math.inf if exact > 0 else -math.inf)
