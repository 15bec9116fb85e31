"""Small programs for the emulated cores, built with arm-none-eabi-gcc; tests skip where it is missing."""

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from costmodel.core import load_core
from costmodel.emulate import Machine
from costmodel.profile import OUTSIDE, Profile, make_profile
from costmodel.program import Functions, load_program

GCC = "arm-none-eabi-gcc"
LAYOUT = ("-nostdlib", "-Wl,--entry=0", "-Wl,-Ttext=0x08000000", "-Wl,-Tdata=0x20000000", "-Wl,-Tbss=0x20010000")
HEADER = ".syntax unified\n.thumb\n.text\n"


@cache
def build(source: str, core_name: str, language: str = "assembler", flags: tuple[str, ...] = ()) -> bytes:
    """ELF of one source text, `language` as gcc's -x."""
    if shutil.which(GCC) is None:
        pytest.skip(f"{GCC} is not on PATH")
    core = load_core(core_name)
    command = [GCC, *core.gcc_flags, *LAYOUT, "-O2", "-g", *flags, "-x", language, "-", "-x", "none", "-lgcc"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.elf"
        done = subprocess.run([*command, "-o", path], input=source.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return path.read_bytes()


def assemble(body: str, core_name: str = "cm4") -> bytes:
    """ELF of a function `main` with this body; other functions may follow in it."""
    return build(f"{HEADER}.global main\n.type main, %function\n.thumb_func\nmain:\n{body}\n", core_name)


def machine(elf: bytes, core_name: str = "cm4", limit: int = 10_000_000, stack: int = 1024) -> Machine:
    """Machine with usual limits."""
    return Machine(elf, load_core(core_name), stack_size=stack, instruction_limit=limit)


_EXTRA_FLAGS = {"cm7dp": ("cm7", ("-mfpu=fpv5-d16",))}


@cache
def encode(text: str, core_name: str = "cm4") -> bytes:
    """Bytes of assembler text."""
    name, flags = _EXTRA_FLAGS.get(core_name, (core_name, ()))
    program = load_program(build(f"{HEADER}{text}\n", name, flags=flags))
    return program.segments[0].data


def straight(code: bytes, address: int = 0x0800_0000) -> Profile:
    """Profile of one block that ran once, in a function `kernel`."""
    edges = np.array([[0, OUTSIDE, 0, 1], [0, 0, OUTSIDE, 1]], np.int64)
    return make_profile(1, np.array([address], np.int64), (code,), edges, Functions((address,), ("kernel",)))
