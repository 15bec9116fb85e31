"""Run a function of an ELF program on the emulated core and count what it executes."""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import unicorn
from unicorn import arm_const, unicorn_const
from unicorn.unicorn_py3.unicorn import Uc, UcError, uclib

from costmodel import blockhook, doubles
from costmodel.classify import decode
from costmodel.core import Core
from costmodel.errors import (
    BadImage,
    EmulationFault,
    InstructionLimit,
    MarkNotReached,
    StackOverflow,
    UndefinedInstruction,
    UnknownInstruction,
    WildAccess,
)
from costmodel.memorymap import PAGE, MemoryMap, layout
from costmodel.profile import OUTSIDE, Profile, make_profile, widths
from costmodel.program import Program, load_program

if TYPE_CHECKING:
    from costmodel.memory import MemorySimulation  # compiles native code when it is imported

_CAPACITY = 1 << 14
_STACK_PATTERN = 0xA5
_SVC = 0xDF  # upper byte of the encoding
_ARGUMENT_REGISTERS = tuple(arm_const.UC_ARM_REG_R0 + i for i in range(4))
_ACCESS = {
    unicorn.UC_MEM_READ_UNMAPPED: "reads",
    unicorn.UC_MEM_WRITE_UNMAPPED: "writes",
    unicorn.UC_MEM_FETCH_UNMAPPED: "jumps to",
    unicorn.UC_MEM_READ_PROT: "reads",
    unicorn.UC_MEM_WRITE_PROT: "writes",
    unicorn.UC_MEM_FETCH_PROT: "jumps to",
}
_Rows = npt.NDArray[np.uint64]
_Uc: Any = Uc  # the binding is untyped


class Machine:
    """An emulated core with a program in its memory, in the state its last call left.

    Memory is what the ELF's segments cover (rounded to 4 KB pages; .data at its run address as well as at its
    load address, .bss zero) and `stack_size` bytes of stack. `instruction_limit` bounds each call.
    `counted=False` runs without the block hook, for comparison: profiles are empty, marks and limit do not work.
    """

    def __init__(
        self, elf: Path | bytes, core: Core, *, stack_size: int, instruction_limit: int, counted: bool = True
    ) -> None:
        program = load_program(elf)
        self._load(program, core, layout(program, stack_size), instruction_limit, counted)

    def _load(self, program: Program, core: Core, memory: MemoryMap, limit: int, counted: bool) -> None:
        """Make the engine and put the program in its memory."""
        self.program = program
        self.core = core
        self.stack_used = 0
        self._limit = limit
        self._counted = counted
        self._map = memory
        self._until = memory.return_address
        self._engine = _engine(core, memory)
        self._fault: tuple[int, int] | None = None
        self._memory: MemorySimulation | None = None
        self._events: list[Mapping[str, int]] = []
        for segment in self.program.segments:
            if segment.data:
                self._engine.mem_write(segment.address, segment.data)
                self._engine.mem_write(segment.load_address, segment.data)
        self._engine.mem_write(self._map.return_address, b"\x00\xbe" * 8)
        self._engine.hook_add(unicorn.UC_HOOK_MEM_INVALID, self._on_invalid)
        stop = ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p).value or 0
        self._state = blockhook.new_state(_CAPACITY, stop)
        if counted:
            install_block_hook(self._engine, blockhook.on_block, self._state)

    @property
    def result(self) -> int:
        """R0 as the last call left it."""
        return int(self._engine.reg_read(arm_const.UC_ARM_REG_R0))

    def watch(self, memory: "MemorySimulation") -> None:
        """Count on these memories what later calls fetch, read and write; once per machine. Their caches stay warm."""
        memory.install(self._engine, self._state if self._counted else None)
        self._memory = memory

    @property
    def watches_memory(self) -> bool:
        """Whether calls are counted on memories that cost something."""
        return self._memory is not None and not self._memory.is_idle

    def symbol(self, name: str) -> int:
        """Value of a symbol, with the thumb bit of a function. Raises BadImage."""
        if name not in self.program.symbols:
            raise BadImage(f"{self.program.name}: has no symbol {name!r}.")
        return self.program.symbols[name]

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes of memory. Raises WildAccess."""
        try:
            return bytes(self._engine.mem_read(address, size))
        except UcError:
            raise WildAccess(f"cannot read {size} bytes at 0x{address:08x}: not the program's memory.") from None

    def write(self, address: int, data: bytes) -> None:
        """Store `data` in memory. Raises WildAccess."""
        try:
            self._engine.mem_write(address, bytes(data))
        except UcError:
            raise WildAccess(f"cannot write {len(data)} bytes at 0x{address:08x}: not the program's memory.") from None

    def call(
        self,
        entry: str | int,
        arguments: Sequence[int] = (),
        marks: Sequence[int] = (),
        on_mark: Callable[[int], None] | None = None,
        labels: Sequence[str] = (),
    ) -> Profile:
        """Call a function as AAPCS has it and profile the run, one segment per mark.

        `marks` are block addresses (function entries) visited in this order, each once: the run pauses when it
        first reaches marks[k], calls `on_mark(k)`, and counts from there on to segment k + 1; segment 0 is what
        comes before the first mark. `labels[k]` names segment k in errors.
        Raises WildAccess, UndefinedInstruction, StackOverflow, InstructionLimit, MarkNotReached.
        """
        address = self.symbol(entry) if isinstance(entry, str) else entry
        self._engine.mem_write(self._map.stack_bottom, bytes([_STACK_PATTERN]) * self._map.stack_size)
        self._set_arguments(arguments)
        unnamed = [f"call of {self.program.functions.at(address & ~1)}"]
        unnamed += [f"segment {k}" for k in range(1, len(marks) + 1)]
        names = [*labels, *unnamed[len(labels) :]]
        segments = self._run(address & ~1, [mark & ~1 for mark in marks], on_mark, names)
        self.stack_used = self._stack_used()
        return self._profile(segments)

    def _set_arguments(self, arguments: Sequence[int]) -> None:
        stacked = [value & 0xFFFF_FFFF for value in arguments[4:]]
        pointer = (self._map.stack_top - 4 * len(stacked)) & ~7
        self._engine.mem_write(pointer, np.array(stacked, "<u4").tobytes())
        for register, value in zip(_ARGUMENT_REGISTERS, arguments, strict=False):
            self._engine.reg_write(register, value & 0xFFFF_FFFF)
        self._engine.reg_write(arm_const.UC_ARM_REG_SP, pointer)
        self._engine.reg_write(arm_const.UC_ARM_REG_LR, self._map.return_address | 1)

    def _run(self, pc: int, marks: list[int], on_mark: Callable[[int], None] | None, labels: list[str]) -> list[_Rows]:
        """Run to the return, resuming after each pause; edges per segment as the hook keeps them."""
        state = self._state
        blockhook.clear(state)
        state[blockhook.PREVIOUS] = blockhook.NO_BLOCK
        segments: list[list[_Rows]] = [[]]
        self._events = [self._event_counts()]
        executed, budget = 0, self._limit
        while True:
            mark = len(segments) - 1
            state[blockhook.MARK] = marks[mark] if mark < len(marks) else blockhook.NO_MARK
            state[blockhook.BUDGET], state[blockhook.REASON] = budget, blockhook.RUNNING
            self._resume(pc, labels[mark])
            reason = int(state[blockhook.REASON])
            rows = blockhook.edges(state)
            blockhook.clear(state)
            segments[-1].append(rows)
            executed += self._executed(rows)
            if reason == blockhook.RUNNING:
                break
            pc = self._pc()
            if reason == blockhook.AT_MARK:
                if on_mark is not None:
                    on_mark(mark)
                segments.append([])
                self._events.append(self._event_counts())
            budget = self._limit - executed
            if reason == blockhook.OUT_OF_BUDGET:
                budget = self._extend(budget, executed, labels[mark])
        if len(segments) <= len(marks) and self._counted:
            missed = f"0x{marks[len(segments) - 1]:08x}"
            raise MarkNotReached(f"{labels[len(segments)]}: the call returned before it reached {missed}.")
        self._events.append(self._event_counts())
        last = np.array([[state[blockhook.PREVIOUS], blockhook.NO_BLOCK, 1]], np.uint64)
        segments[-1].append(last if self._counted else last[:0])
        return [np.concatenate(parts) for parts in segments]

    def _resume(self, pc: int, label: str) -> None:
        """Run from `pc`; instructions of double precision, which the engine lacks, are executed here."""
        self._fault = None
        while True:
            try:
                self._engine.emu_start(pc | 1, self._until)
                return
            except UcError as error:
                if error.errno != unicorn.UC_ERR_INSN_INVALID or not self._execute_double():
                    raise self._explain(error, label) from None
            pc = self._pc() + 4

    def _execute_double(self) -> bool:
        """Whether the instruction that the engine refused was one of double precision, now executed."""
        upper, lower = np.frombuffer(self._engine.mem_read(self._pc(), 4), "<u2").tolist()
        return doubles.execute(self._engine, upper << 16 | lower)

    def _extend(self, left: int, executed: int, label: str) -> int:
        """Budget in halfwords that lets the refused block run, if its instructions are still allowed."""
        refused = int(self._state[blockhook.REFUSED])
        code = self._code(refused)
        if len(widths(code)) > left:
            place = self._place(refused & 0xFFFF_FFFF)
            raise InstructionLimit(f"{label}: still runs after {executed} instructions{place}, limit {self._limit}.")
        return max(left, len(code) // 2)

    def _executed(self, rows: _Rows) -> int:
        """Instructions that the edges stand for; the hook's budget is in halfwords, an upper bound."""
        blocks, inverse = np.unique(rows[:, 1], return_inverse=True)
        counts = np.zeros(len(blocks), np.int64)
        np.add.at(counts, inverse, rows[:, 2].astype(np.int64))
        lengths = [len(widths(self._code(block))) for block in blocks.tolist()]
        return int(counts @ np.array(lengths, np.int64))

    def _code(self, block: int) -> bytes:
        return bytes(self._engine.mem_read(block & 0xFFFF_FFFF, block >> 32))

    def _profile(self, segments: list[_Rows]) -> Profile:
        lengths = [len(rows) for rows in segments]
        rows = np.concatenate(segments)
        ends = np.unique(rows[:, :2])
        blocks = ends[ends != blockhook.NO_BLOCK]
        index = np.searchsorted(blocks, rows[:, :2]).astype(np.int64)
        index[rows[:, :2] == blockhook.NO_BLOCK] = OUTSIDE
        segment = np.repeat(np.arange(len(segments), dtype=np.int64), lengths)
        edges = np.column_stack([segment, index, rows[:, 2].astype(np.int64)])
        address = (blocks & np.uint64(0xFFFF_FFFF)).astype(np.int64)
        code = tuple(self._code(block) for block in blocks.tolist())
        return make_profile(len(segments), address, code, edges, self.program.functions, self._event_differences())

    def _event_counts(self) -> Mapping[str, int]:
        return {} if self._memory is None else self._memory.counts()

    def _event_differences(self) -> dict[str, npt.NDArray[np.int64]]:
        """Of each event, int64 [segments] of the last call."""
        return {name: np.diff([counts[name] for counts in self._events]) for name in self._event_counts()}

    def _pc(self) -> int:
        return int(self._engine.reg_read(arm_const.UC_ARM_REG_PC)) & ~1

    def _stack_used(self) -> int:
        """Bytes from the top down to the lowest one that no longer holds the pattern."""
        stack = np.frombuffer(self.read(self._map.stack_bottom, self._map.stack_size), np.uint8)
        touched = np.flatnonzero(stack != _STACK_PATTERN)
        return self._map.stack_size - int(touched[0]) if len(touched) else 0

    def _on_invalid(self, _engine: Any, access: int, address: int, _size: int, _value: int, _user: Any) -> bool:
        self._fault = (access, address)
        return False

    def _place(self, pc: int) -> str:
        line = self.program.source_line(pc)
        return f" {self.program.functions.place(pc)}" + (f" ({line})" if line else "")

    def _explain(self, error: UcError, label: str) -> EmulationFault:
        """The user's error for a fault of the emulated core."""
        pc = self._pc()
        if self._fault is None and self._map.holds(pc):
            if self._map.holds(pc - 1) and self._engine.mem_read(pc - 1, 1)[0] == _SVC:
                pc -= 2  # the exception returns behind the SVC
            return UndefinedInstruction(f"{label}: undefined or trapping {self._named(pc)}{self._place(pc)} ({error}).")
        access, address = self._fault or (unicorn.UC_MEM_FETCH_UNMAPPED, pc)
        if access in (unicorn.UC_MEM_FETCH_UNMAPPED, unicorn.UC_MEM_FETCH_PROT):
            pc = self._last_instruction()
        verb = _ACCESS.get(access, "accesses")
        if self._map.is_below_stack(address) or self._map.is_below_stack(self._sp()):
            return StackOverflow(
                f"{label}: stack overflow{self._place(pc)}: {verb} 0x{address:08x}, below the stack of "
                f"{self._map.stack_size} bytes."
            )
        problem = "which the program may not" if self._map.holds(address) else "which is not the program's memory"
        return WildAccess(f"{label}: {verb} 0x{address:08x}, {problem},{self._place(pc)}.")

    def _named(self, pc: int) -> str:
        """The instruction at `pc`, also one that no core here has."""
        code = self.read(pc, widths(self.read(pc, 2))[0])
        try:
            return f"instruction {decode(code).text!r}"
        except UnknownInstruction as unknown:
            return str(unknown)

    def _last_instruction(self) -> int:
        """Address of the last instruction of the block before a wild jump."""
        block = int(self._state[blockhook.PREVIOUS])
        if block == blockhook.NO_BLOCK:
            return self._pc()
        code = self._code(block)
        return (block & 0xFFFF_FFFF) + len(code) - widths(code)[-1]

    def _sp(self) -> int:
        return int(self._engine.reg_read(arm_const.UC_ARM_REG_SP))


def _engine(core: Core, memory: MemoryMap) -> Any:
    engine: Any = _Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    engine.ctl_set_cpu_model(getattr(arm_const, core.emulator_model))
    for first, last, flags in memory.regions:
        engine.mem_map(first * PAGE, (last - first) * PAGE, flags)
    return engine


def install_block_hook(engine: Any, hook: Any, state: npt.NDArray[np.uint64]) -> None:
    """Hook every block with a native function; the binding's own hook_add would go through Python."""
    handle = ctypes.c_size_t()
    status = uclib.uc_hook_add(
        engine._uch,
        ctypes.byref(handle),
        ctypes.c_int(unicorn_const.UC_HOOK_BLOCK),
        ctypes.c_void_p(hook.address),
        ctypes.c_void_p(state.ctypes.data),
        ctypes.c_uint64(1),
        ctypes.c_uint64(0),
    )
    if status != unicorn_const.UC_ERR_OK:
        raise EmulationFault(f"emulator refuses the block hook: status {status}.")
