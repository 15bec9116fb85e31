"""Thumb code -> instructions with the operands and the kind that the pipelines speak of.

An encoding means the same wherever it stands, so each distinct one is disassembled once per process; what depends
on the place (the address, the IT block around it) is added per basic block.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import capstone

from costmodel.core import ROLES, Core
from costmodel.errors import IllegalInstruction, UnknownInstruction
from costmodel.profile import Profile, widths

ISA = Path(__file__).parent / "isa.toml"
LR, PC, FLAGS, FP_STATUS, FP_FIRST = 14, 15, 16, 17, 32
_NAMES = {"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14, "pc": 15, "apsr_nzcv": FLAGS}
_NAMES |= {"fpscr": FP_STATUS} | {f"r{i}": i for i in range(13)}
_READ_ROLES = {"n": "operand", "m": "multiplicand", "a": "accumulator", "t": "store", "s": "shifted"}
_READ_ROLES |= {"x": "operand", "A": "accumulator", "e": "extended"}
_FLAG_READERS = frozenset({"adc", "sbc", "rrx", "sel", "vseleq", "vselge", "vselgt", "vselvs"})
_FLAG_WRITERS = frozenset({"compare"})
_SHIFT = re.compile(r"^(lsl|lsr|asr|ror|rrx)\b")
_ALWAYS_BRANCH = frozenset(
    {"branch", "call", "call_indirect", "branch_indirect", "table_branch", "load_pc", "pop_pc", "move_pc"}
)
DECODED_AT = 0x1000  # the address that branch targets in an Instruction's text are relative to
BRANCHES = _ALWAYS_BRANCH | {"branch_conditional", "compare_branch"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of isa.toml: kind, architecture group and operand letters of a mnemonic."""

    kind: str
    group: str
    operands: str


@dataclass(frozen=True, slots=True, eq=False)
class Instruction:
    """One encoding. Registers are numbers: r0 to pc, FLAGS, FP_STATUS, FP_FIRST + n for s0 to s31.

    `reads` pairs a register with the index of its role in ROLES. `registers` counts the words of a register
    list. `base` and `offset` locate a load or store relative to a register, offset None when indexed.
    """

    text: str
    mnemonic: str
    kind: str
    group: str
    wide: bool
    reads: tuple[tuple[int, int], ...]
    writes: tuple[int, ...]
    updates: tuple[int, ...]
    registers: int
    base: int | None
    offset: int | None

    @property
    def sets_flags(self) -> bool:
        """Whether N, Z, C or V change."""
        return FLAGS in self.writes


@dataclass(frozen=True, slots=True)
class Placed:
    """An instruction in its block; `predicate`: `then` or `else` inside an IT block, else empty."""

    instruction: Instruction
    address: int
    predicate: str


@cache
def isa_rows() -> Mapping[str, Row]:
    """Every mnemonic of isa.toml."""
    table: dict[str, Any] = tomllib.loads(ISA.read_text("utf-8"))
    return {
        name: Row(row["kind"], row["group"], row["operands"]) for row in table["instruction"] for name in row["names"]
    }


@cache
def _wide_in_armv6m() -> frozenset[str]:
    return frozenset(tomllib.loads(ISA.read_text("utf-8"))["wide_in_armv6m"])


@cache
def _refused() -> tuple[tuple[int, int, str], ...]:
    rows = tomllib.loads(ISA.read_text("utf-8"))["refused"]
    return tuple((row["mask"], row["value"], row["name"]) for row in rows)


@cache
def _disassembler() -> Any:
    return capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS | capstone.CS_MODE_V8)


@cache
def decode(encoding: bytes) -> Instruction:
    """Instruction of one encoding of 2 or 4 bytes. Raises UnknownInstruction."""
    halfwords = int.from_bytes(encoding[:2], "little") << 16 | int.from_bytes(encoding[2:], "little")
    for mask, value, name in _refused():
        if halfwords & mask == value:
            raise UnknownInstruction(f"{name} instruction (encoding {encoding.hex()})")
    found = list(_disassembler().disasm_lite(encoding, DECODED_AT))
    if not found:
        raise UnknownInstruction(f"encoding {encoding.hex()}")
    _, _, mnemonic, text = found[0]
    name = mnemonic.removesuffix(".w").removesuffix(".n")
    row, sets_flags = isa_rows().get(name), False
    if row is None and name.endswith("s"):
        name, sets_flags = name[:-1], True
        row = isa_rows().get(name)
    whole = f"{mnemonic} {text}".strip()
    if row is None:
        raise UnknownInstruction(f"instruction {whole!r}")
    return _Reader(whole, name, row, len(encoding) == 4, sets_flags or row.kind in _FLAG_WRITERS).instruction(text)


class _Reader:
    """Collects what the operands of one instruction read and write."""

    def __init__(self, whole: str, name: str, row: Row, wide: bool, sets_flags: bool) -> None:
        self.whole, self.name, self.row, self.wide = whole, name, row, wide
        self.reads: list[tuple[int, str]] = []
        self.writes: list[int] = [FLAGS] if sets_flags else []
        self.updates: list[int] = []
        self.shifted = False
        self.registers = 0
        self.base: int | None = None
        self.offset: int | None = None
        if name.split(".", maxsplit=1)[0] in _FLAG_READERS:
            self.reads.append((FLAGS, "flags"))

    def instruction(self, text: str) -> Instruction:
        operands = self._operands(text)
        letters = _transfer_letters(operands) if self.row.kind == "fp_transfer" else self.row.operands
        if len(letters) == 3 and len(operands) == 2 and letters[0] == "d":
            self._operand(letters[1], operands[0])
            letters = letters[0] + letters[2]
        for i, (letter, operand) in enumerate(zip(letters, operands, strict=False)):
            last = i == min(len(letters), len(operands)) - 1
            self._operand("s" if letter == "n" and self.shifted and last else letter, operand)
        if self.row.kind in ("push", "pop") or self.name in ("vpush", "vpop"):
            self._address(13, update=True)
        if self.row.kind == "fp_compare":
            self.writes.append(FP_STATUS)
        if self.row.kind in ("call", "call_indirect"):
            self.writes.append(LR)
        reads = tuple((register, ROLES.index(role)) for register, role in self.reads if register != PC)
        return Instruction(
            text=self.whole,
            mnemonic=self.name,
            kind=self._kind(operands),
            group=self.row.group,
            wide=self.wide,
            reads=reads,
            writes=tuple(self.writes),
            updates=tuple(self.updates),
            registers=self.registers,
            base=self.base,
            offset=self.offset,
        )

    def _operands(self, text: str) -> list[str]:
        """Split at the commas outside brackets and braces; a shift joins the operand before it."""
        parts = re.findall(r"\[[^\]]*\]!?|\{[^}]*\}|[^,\s][^,]*", text)
        operands: list[str] = []
        for part in parts:
            if _SHIFT.match(part) and operands:
                self.shifted = True
            else:
                operands.append(part.strip())
        return operands

    def _operand(self, letter: str, operand: str) -> None:
        if letter == "[":
            self._memory(operand)
        elif letter == "b":
            self._address(_register(operand.rstrip("!"))[0], update=operand.endswith("!"))
        elif letter in "DT":
            for name in operand.strip("{}").split(", "):
                self._list_member(letter, _register(name))
        elif letter != "l":
            role = _READ_ROLES.get(letter)
            for register in _register(operand):
                if role is not None:
                    self.reads.append((register, role))
                if letter in "dxA":
                    self.writes.append(register)

    def _list_member(self, letter: str, registers: tuple[int, ...]) -> None:
        self.registers += len(registers)
        if letter == "D":
            self.writes.extend(registers)
        else:
            self.reads.extend((register, "store") for register in registers)

    def _address(self, register: int, update: bool) -> None:
        self.base = register
        self.reads.append((register, "address"))
        if update:
            self.updates.append(register)

    def _memory(self, operand: str) -> None:
        inside = operand.rstrip("!").strip("[]").split(", ")
        post = self.whole.rsplit("]", 1)[1]
        self._address(_register(inside[0])[0], update=operand.endswith("!") or post.startswith(","))
        index = _register(inside[1]) if len(inside) > 1 else ()
        self.reads.extend((register, "address") for register in index)
        if not index:
            self.offset = int(inside[1].lstrip("#"), 0) if len(inside) > 1 and inside[1].startswith("#") else 0

    def _kind(self, operands: list[str]) -> str:
        """The row's kind, refined by what the operands are."""
        kind = self.row.kind
        if kind in ("alu", "move", "compare", "load", "pop", "load_multiple"):
            changes = {"load": "load_pc", "pop": "pop_pc", "load_multiple": "pop_pc"}
            if PC in self.writes:
                kind = changes.get(kind, "move_pc")
            elif self.shifted:
                kind = "alu_shifted" if kind not in changes else kind
        elif kind in ("store", "store_narrow") and self.offset is None:
            kind = "store_register"
        elif kind == "multiply" and not self.wide:
            kind = "multiply_narrow"
        return _fp_kind(kind, operands)


def _transfer_letters(operands: list[str]) -> str:
    """VMOV between core and FP registers: two core registers go with one double or two singles."""
    to_core = bool(_register(operands[0])) and _register(operands[0])[0] < FP_FIRST
    written = {2: 1, 3: 2 if to_core else 1, 4: 2}[len(operands)]
    return "d" * written + "n" * (len(operands) - written)


def _fp_kind(kind: str, operands: list[str]) -> str:
    """Kinds that depend on the class of the registers: double, immediate, core register."""
    if kind in ("fp_load", "fp_store") and operands[0].startswith("d"):
        return f"{kind}_double"
    if kind == "fp_move" and operands[1].startswith("#"):
        return "fp_immediate"
    if kind == "fp_transfer":
        registers = [register for operand in operands for register in _register(operand)]
        core = [register < FP_FIRST for register in registers]
        return "fp_transfer_two" if sum(core) == 2 else "fp_transfer_to_core" if core[0] else kind
    return kind


def register_name(register: int) -> str:
    """`r3`, `s17`, `flags`: the name of a register's number."""
    if register >= FP_FIRST:
        return f"s{register - FP_FIRST}"
    return {13: "sp", LR: "lr", PC: "pc", FLAGS: "the flags", FP_STATUS: "fpscr"}.get(register, f"r{register}")


@cache
def _register(name: str) -> tuple[int, ...]:
    """Numbers of a register name, two for a double; none for anything else."""
    if name in _NAMES:
        return (_NAMES[name],)
    match = re.fullmatch(r"([sd])(\d+)(?:\[(\d)\])?", name)
    if match is None:
        return ()
    number = int(match[2])
    if match[1] == "s":
        return (FP_FIRST + number,)
    lanes = (0, 1) if match[3] is None else (int(match[3]),)
    return tuple(FP_FIRST + 2 * number + lane for lane in lanes)


def place(profile: Profile, core: Core) -> list[tuple[Placed, ...]]:
    """Instructions of every block. Raises IllegalInstruction and UnknownInstruction naming the place.

    A translation block may end inside an IT block; the rest of the condition goes to the block that follows.
    """
    carried: dict[int, list[str]] = {}
    blocks: list[tuple[Placed, ...]] = [()] * len(profile.code)
    order = sorted(range(len(profile.code)), key=lambda i: int(profile.address[i]))
    addresses = profile.address.tolist()
    for index in order:
        pending = list(carried.get(addresses[index], ()))
        blocks[index] = tuple(_place_block(profile, core, index, addresses[index], pending))
        carried[addresses[index] + len(profile.code[index])] = pending
    return blocks


def _place_block(profile: Profile, core: Core, index: int, address: int, pending: list[str]) -> list[Placed]:
    code, offset = profile.code[index], 0
    placed = []
    for width in widths(code):
        try:
            instruction = decode(code[offset : offset + width])
        except UnknownInstruction as error:
            where = profile.functions.place(address + offset)
            raise UnknownInstruction(f"{error} {where}: costmodel/isa.toml has no entry for it.") from None
        if not _legal(instruction, core):
            where = profile.functions.place(address + offset)
            raise IllegalInstruction(
                f"instruction {instruction.text!r} {where}: {core.name} does not have it "
                f"(needs {_needs(instruction)}). Compile with {' '.join(core.gcc_flags)}."
            )
        predicate = pending.pop(0) if pending else ""
        if instruction.kind == "it":
            pending.extend("then" if letter == "t" else "else" for letter in instruction.mnemonic[1:])
        placed.append(Placed(_predicated(instruction) if predicate else instruction, address + offset, predicate))
        offset += width
    return placed


def _needs(instruction: Instruction) -> str:
    return "armv7m" if instruction.group == "armv6m" else instruction.group


def _legal(instruction: Instruction, core: Core) -> bool:
    if instruction.group not in core.isa:
        return False
    narrow_only = instruction.wide and "armv7m" not in core.isa
    return not (narrow_only and instruction.mnemonic not in _wide_in_armv6m())


@cache
def _predicated(instruction: Instruction) -> Instruction:
    """The same inside an IT block: it reads the flags, and a 16-bit ALU instruction leaves them alone."""
    keeps = not instruction.wide and instruction.kind != "compare"
    writes = tuple(w for w in instruction.writes if not (keeps and w == FLAGS))
    reads = (*instruction.reads, (FLAGS, ROLES.index("flags")))
    return replace(instruction, reads=reads, writes=writes)
