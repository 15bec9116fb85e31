from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from generator.link import RAM, linker_script, section_sizes
from simref.errors import ToolchainError

from .cross import CORES, TOOLCHAINS, Image, build, write

PROGRAM = """
#include <stdint.h>

static const int16_t simref_table[128] = {1, 2, 3};
static uint32_t simref_counters[25];
static uint32_t simref_start[2] = {7, 9};
static uint8_t simref_arena[4096] __attribute__((section(".arena"), aligned(16)));
static uint8_t simref_more[1024] __attribute__((section(".bss.arena")));

int32_t simref_entry(uint32_t i);
int32_t simref_root(void);
int32_t simref_unreached(void);

int32_t simref_entry(uint32_t i) {
    volatile uint8_t *arena = simref_arena, *more = simref_more;
    arena[i] = 1;
    more[i] = 2;
    simref_counters[i] += simref_start[i & 1u]++;
    return simref_table[i] + (int32_t)simref_counters[i];
}

int32_t simref_root(void) {
    return 11;
}

int32_t simref_unreached(void) {
    return 12;
}
"""


@pytest.fixture(params=[(choice, core) for choice in TOOLCHAINS for core in CORES], ids="-".join)
def linked(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """The program's ELF from every toolchain for every core, with the core."""
    choice, core = request.param
    return build(write(tmp_path, link_c=PROGRAM), choice, core, "simref_entry", ["simref_root"]), core


def test_sizes_count_each_section_once(linked: tuple[Path, str]) -> None:
    sizes = section_sizes(linked[0])
    assert (sizes.data, sizes.bss, sizes.arena) == (8, 100, 4096 + 1024)
    assert 256 <= sizes.rodata < 256 + 16
    assert 40 <= sizes.code < 400


def test_memory_map_symbols_and_roots(linked: tuple[Path, str]) -> None:
    elf, core = linked
    symbols = Image(elf, core).symbols
    assert symbols["simref_stack_limit"] == RAM.origin
    assert symbols["simref_stack_top"] % 8 == 0
    assert symbols["simref_arena_start"] % 64 == 0
    assert symbols["simref_arena_end"] - symbols["simref_arena_start"] == 5120
    assert "simref_root" in symbols
    assert "simref_unreached" not in symbols
    with elf.open("rb") as stream:
        image = ELFFile(stream)
        assert image["e_entry"] == symbols["simref_entry"]
        assert not [s.name for s in image.iter_sections() if s.name.startswith(".ARM.ex")]


def test_initial_data_is_where_the_code_looks(linked: tuple[Path, str]) -> None:
    image = Image(*linked)
    assert image.call("simref_entry", 1)[0] == 2 + 9
    assert image.call("simref_entry", 1)[0] == 2 + 9 + 10


def test_map_names_functions_and_objects_but_no_folder_of_this_machine(linked: tuple[Path, str]) -> None:
    elf, _ = linked
    text = elf.with_suffix(".map").read_text()
    assert "simref_entry" in text
    assert "link.c.o" in text
    assert str(elf.parent) not in text


@pytest.mark.parametrize("size", [0, 12, -8, RAM.length])
def test_a_stack_that_does_not_fit_the_calling_standard_or_ram_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="stack_size"):
        linker_script("simref_entry", stack_size=size)


def test_sizes_of_a_file_that_is_no_elf(tmp_path: Path) -> None:
    (tmp_path / "x.elf").write_bytes(b"\x7fELF")
    for name in ("x.elf", "missing.elf"):
        with pytest.raises(ToolchainError, match=name):
            section_sizes(tmp_path / name)
