import ctypes
import dataclasses
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.build import SUPPORT, SourceFolder, build_host, build_target
from generator.cache import cache_dir
from generator.link import RAM, linker_script
from generator.toolchains import HostCompiler, find_host_compiler
from simref.errors import ToolchainError

from .cross import CORES, TOOLCHAINS, Image, build, toolchain_or_skip, write

ARITHMETIC = """
#include <stdint.h>
#include <string.h>

union simref_bits { uint32_t u; float f; };
typedef struct { uint8_t bytes[100]; } simref_block;

int64_t simref_mul64(int64_t a, int64_t b);
int32_t simref_div(int32_t a, int32_t b);
uint64_t simref_div64(uint64_t a, uint64_t b);
uint32_t simref_float_div(uint32_t a, uint32_t b);
uint32_t simref_float_mul_add(uint32_t a, uint32_t b, uint32_t c);
uint64_t simref_double_mul(uint64_t a, uint64_t b);
void simref_copy(simref_block *to, const simref_block *from);
uint32_t simref_load(const uint8_t *from);

int64_t simref_mul64(int64_t a, int64_t b) { return a * b; }
int32_t simref_div(int32_t a, int32_t b) { return a / b; }
uint64_t simref_div64(uint64_t a, uint64_t b) { return a / b; }

uint32_t simref_float_div(uint32_t a, uint32_t b) {
    const union simref_bits x = {a}, y = {b};
    union simref_bits quotient;
    quotient.f = x.f / y.f;
    return quotient.u;
}

uint32_t simref_float_mul_add(uint32_t a, uint32_t b, uint32_t c) {
    const union simref_bits x = {a}, y = {b}, z = {c};
    union simref_bits sum;
    sum.f = x.f * y.f + z.f;
    return sum.u;
}

uint64_t simref_double_mul(uint64_t a, uint64_t b) {
    double x, y, product;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    product = x * y;
    memcpy(&a, &product, sizeof a);
    return a;
}

void simref_copy(simref_block *to, const simref_block *from) { *to = *from; }

uint32_t simref_load(const uint8_t *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}
"""
ROOTS = [
    line.split("(")[0].split()[-1].lstrip("*")
    for line in ARITHMETIC.splitlines()
    if line.endswith(");") and line[0] != " "
]
ROOTS += ["memcpy", "memmove", "memset", "memcmp"]
HEAP = RAM.origin + RAM.length // 2
EVERYWHERE = [(choice, core) for choice in TOOLCHAINS for core in CORES]


@pytest.fixture(scope="module", params=EVERYWHERE, ids="-".join)
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The functions above, and memcpy and its kin, on every core from every toolchain."""
    choice, core = request.param
    folder = write(tmp_path_factory.mktemp("c"), arithmetic_c=ARITHMETIC)
    return Image(build(folder, choice, core, "simref_mul64", ROOTS), core)


def words(value: int) -> tuple[int, int]:
    return value & 0xFFFF_FFFF, value >> 32 & 0xFFFF_FFFF


def bits(value: float | np.floating[Any]) -> int:
    return int(np.float32(value).view(np.uint32))


def test_integer_arithmetic_on_the_core(image: Image) -> None:
    a, b = -0x1234_5678_9ABC, 0x7_0000_0003
    assert image.call("simref_mul64", *words(a), *words(b)) == words(a * b)
    assert image.call("simref_div", -1000, 7)[0] == words(-142)[0]
    assert image.call("simref_div64", *words(2**64 - 1), *words(10**10)) == words((2**64 - 1) // 10**10)


def test_float_arithmetic_on_the_core_rounds_each_step(image: Image) -> None:
    assert image.call("simref_float_div", bits(1.0), bits(3.0))[0] == bits(np.float32(1) / np.float32(3))
    # (1 + 2**-12)**2 - 1 keeps its last term, 2**-24, only when the product is not rounded.
    x = np.float32(1 + 2**-12)
    assert image.call("simref_float_mul_add", bits(x), bits(x), bits(-1.0))[0] == bits(2**-11)
    a, b = 1.1, -2.7e-5
    product = struct.unpack("<2I", struct.pack("<d", a * b))
    doubles = (struct.unpack("<2I", struct.pack("<d", value)) for value in (a, b))
    assert image.call("simref_double_mul", *(word for pair in doubles for word in pair)) == product


def test_memcpy_of_a_word_is_one_load_where_the_core_allows_it(image: Image) -> None:
    image.emulator.mem_write(HEAP, bytes(range(8)))
    assert image.call("simref_load", HEAP + 4)[0] == 0x07060504
    assert image.instructions <= (2 if image.core.unaligned else 60)


def test_a_struct_is_copied_through_whatever_the_compiler_calls(image: Image) -> None:
    image.emulator.mem_write(HEAP, bytes(range(100)))
    image.call("simref_copy", HEAP + 512, HEAP)
    assert image.emulator.mem_read(HEAP + 512, 101) == bytes(range(100)) + b"\0"


@pytest.mark.parametrize("function", ["memcpy", "memmove"])
@pytest.mark.parametrize("offset", [0, 1, 4, 64, -1, -4])
def test_copies_on_the_core(image: Image, function: str, offset: int) -> None:
    """Offsets of less than the size overlap, which only memmove allows."""
    start = HEAP + 4096
    for size in (0, 1, 3, 7, 16, 33):
        shift = offset if function == "memmove" else offset + 128
        for alignment in range(4):
            before = bytearray(np.random.default_rng(size).bytes(512))
            image.emulator.mem_write(start, bytes(before))
            source, target = 128 + alignment, 128 + alignment + shift
            assert image.call(function, start + target, start + source, size)[0] == start + target
            before[target : target + size] = before[source : source + size]
            assert image.emulator.mem_read(start, 512) == before


def test_memset_and_memcmp_on_the_core(image: Image) -> None:
    for size in (0, 1, 5, 16, 39):
        for alignment in range(4):
            image.emulator.mem_write(HEAP, bytes(128))
            image.call("memset", HEAP + 8 + alignment, 0x1A5, size)
            expected = bytes(8 + alignment) + b"\xa5" * size
            assert image.emulator.mem_read(HEAP, 128) == expected.ljust(128, b"\0")
    image.emulator.mem_write(HEAP, b"abcd\0abce")
    assert image.call("memcmp", HEAP, HEAP + 5, 3)[0] == 0
    assert image.call("memcmp", HEAP, HEAP + 5, 4)[0] >> 31 == 1
    assert 0 < image.call("memcmp", HEAP + 5, HEAP, 4)[0] < 2**31


def test_aligned_memory_functions_work_by_words(image: Image) -> None:
    """About one instruction per byte; a byte loop takes at least four."""
    image.call("memcpy", HEAP, HEAP + 4096, 1024)
    assert image.instructions < 1.2 * 1024
    image.call("memset", HEAP, 0, 1024)
    assert image.instructions < 1.2 * 1024


@pytest.mark.parametrize("choice", TOOLCHAINS)
def test_elf_and_map_do_not_depend_on_the_folder(choice: str, tmp_path: Path) -> None:
    toolchain, results = toolchain_or_skip(choice), []
    for name in ("here", "somewhere/else"):
        folder = write(tmp_path / name, arithmetic_c=ARITHMETIC)
        script, output = linker_script("simref_copy"), tmp_path / name / "out.elf"
        target = CORES["cm4"].target
        build_target([folder], toolchain, target, linker_script=script, output=output, cache=choice == "zig")
        results.append((output.read_bytes(), output.with_suffix(".map").read_bytes()))
    assert results[0] == results[1]
    assert str(tmp_path).encode() not in results[0][0]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMREF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def out_of_order(compiler: HostCompiler) -> HostCompiler:
    """The same compiler to the cache, but one that fails when it is run."""
    return dataclasses.replace(compiler, command=(sys.executable, "-c", "raise SystemExit('error: was run')"))


USES_HEADER = '#include "used.h"\nint simref_value(void);\nint simref_value(void) { return SIMREF_VALUE; }\n'


@pytest.mark.usefixtures("empty_cache")
def test_a_second_build_runs_no_compiler_whatever_the_folder(tmp_path: Path) -> None:
    compiler = find_host_compiler()
    files = {"main_c": USES_HEADER, "used_h": "#define SIMREF_VALUE 5\n"}
    first = build_host([write(tmp_path / "a", **files)], output=tmp_path / "1.so", compiler=compiler)
    again = out_of_order(compiler)
    second = build_host([write(tmp_path / "b", **files)], output=tmp_path / "2.so", compiler=again)
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(ToolchainError, match="was run"):
        build_host([SourceFolder(tmp_path / "a")], output=tmp_path / "3.so", compiler=again, cache=False)
    with pytest.raises(ToolchainError, match="was run"):
        build_host([SourceFolder(tmp_path / "a")], output=tmp_path / "3.so", compiler=again, optimize=("-O1",))


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize(
    ("include", "changed", "rebuilds"),
    [
        ('#include "used.h"', "used.h", True),
        ('#include "used.h"', "deep/reached.h", True),
        ('#include "used.h"', "other.h", False),
        ('# include <deep/reached.h>\n#include "used.h"', "other.h", False),
        ('#define NAME "used.h"\n#include NAME', "other.h", True),
    ],
)
def test_a_changed_header_rebuilds_what_can_reach_it(
    tmp_path: Path, include: str, changed: str, rebuilds: bool
) -> None:
    source = USES_HEADER.replace('#include "used.h"', include)
    header = '#include "reached.h"\n#define SIMREF_VALUE 5\n'
    folder = write(tmp_path, main_c=source, used_h=header, other_h="\n")
    write(tmp_path / "deep", reached_h="\n")
    compiler = find_host_compiler()
    build_host([folder], output=tmp_path / "1.so", compiler=compiler)
    (tmp_path / changed).write_text((tmp_path / changed).read_text() + "/* changed */\n")
    again = out_of_order(compiler)
    if rebuilds:
        with pytest.raises(ToolchainError, match="was run"):
            build_host([folder], output=tmp_path / "2.so", compiler=again)
    else:
        build_host([folder], output=tmp_path / "2.so", compiler=again)


@pytest.mark.usefixtures("empty_cache")
def test_builds_at_the_same_time_agree(tmp_path: Path) -> None:
    folder = write(tmp_path / "c", **{f"f{i}_c": f"int simref_f{i};\n" for i in range(4)})
    with ThreadPoolExecutor(4) as pool:
        outputs = [tmp_path / f"{i}.so" for i in range(4)]
        built = list(pool.map(lambda output: build_host([folder], output=output).read_bytes(), outputs))
    assert len(set(built)) == 1
    assert not list(cache_dir().rglob(".new-*"))


@pytest.mark.parametrize("choice", [*TOOLCHAINS, "host"])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("char simref_narrow(int x);\nchar simref_narrow(int x) { return x; }\n", r"b\.c:2.*conversion"),
        ("int simref_broken(void) {\n", r"b\.c:"),
        ('#include "missing.h"\n', r"b\.c:1.*missing\.h"),
    ],
)
def test_a_compiler_failure_is_one_line_with_a_log(tmp_path: Path, choice: str, code: str, message: str) -> None:
    folder = write(tmp_path / "c", a_c="int simref_good;\n", b_c=code, d_c="#error later\n")
    output, script = tmp_path / "out.elf", linker_script("simref_good")
    if choice == "host":
        build_it = partial(build_host, [folder], output=output)
    else:
        toolchain, target = toolchain_or_skip(choice), CORES["cm3"].target
        build_it = partial(build_target, [folder], toolchain, target, linker_script=script, output=output)
    with pytest.raises(ToolchainError, match=f"^compiling b.c failed: .*{message}") as caught:
        build_it()
    assert "\n" not in str(caught.value)
    log = Path(str(caught.value).rpartition("The whole log is ")[2].rstrip("."))
    assert "b.c" in log.read_text()
    assert not output.exists()


@pytest.mark.parametrize("choice", TOOLCHAINS)
def test_a_missing_function_is_named(tmp_path: Path, choice: str) -> None:
    code = "int simref_absent(void);\nint simref_entry(void);\nint simref_entry(void) { return simref_absent(); }\n"
    with pytest.raises(ToolchainError, match=r"^linking failed: .*simref_absent"):
        build(write(tmp_path, main_c=code), choice, "cm3", "simref_entry")
    assert not list(tmp_path.glob("*.elf"))


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match=r"absent\.c: no such file"):
        build_host([SourceFolder(tmp_path, ("absent.c",))], output=tmp_path / "x.so")
    with pytest.raises(ToolchainError, match="nothing to compile"):
        build_host([SourceFolder(tmp_path)], output=tmp_path / "x.so")


@pytest.fixture(scope="module")
def host_memory(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """memcpy and its kin as this machine compiles them, under other names."""
    names = tuple(f"-Dmem{name}=simref_test_mem{name}" for name in ("cpy", "move", "set", "cmp"))
    flags = (*names, "-fno-builtin")
    folder = SourceFolder(SUPPORT, ("memory.c",), flags=flags)
    return ctypes.CDLL(str(build_host([folder], output=tmp_path_factory.mktemp("so") / "memory.so")))


@settings(max_examples=200, deadline=None)
@given(
    st.binary(min_size=160, max_size=160),
    st.integers(0, 80),
    st.integers(0, 80),
    st.integers(0, 80),
    st.integers(-1, 256),
)
def test_memory_functions_on_the_host(
    host_memory: ctypes.CDLL, content: bytes, to: int, source: int, size: int, value: int
) -> None:
    buffer = ctypes.create_string_buffer(content, len(content))
    expected = bytearray(content)
    address, count = ctypes.addressof(buffer), ctypes.c_size_t(size)

    def at(offset: int) -> ctypes.c_void_p:
        return ctypes.c_void_p(address + offset)

    host_memory.simref_test_memmove(at(to), at(source), count)
    expected[to : to + size] = expected[source : source + size]
    assert buffer.raw == expected
    left, right = bytes(expected[to : to + size]), bytes(expected[source : source + size])
    sign = host_memory.simref_test_memcmp(at(to), at(source), count)
    assert (sign > 0) - (sign < 0) == (left > right) - (left < right)
    if abs(to - source) >= size:
        host_memory.simref_test_memcpy(at(source), at(to), count)
        expected[source : source + size] = left
        assert buffer.raw == expected
    host_memory.simref_test_memset(at(source), value, count)
    expected[source : source + size] = bytes([value & 0xFF]) * size
    assert buffer.raw == expected
