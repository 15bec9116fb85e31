"""Run a whole firmware image without its chip: from reset to a function, and through calls of it.

Memory follows the architecture's map (Armv7-M ARM DDI0403 B3.1): SRAM and external RAM come into being, zero,
when they are first touched; registers of peripherals and of the core's private bus read back what was written.
"""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import unicorn
from unicorn import arm_const
from unicorn.unicorn_py3.unicorn import uclib

from costmodel import stackhook
from costmodel.core import Core
from costmodel.emulate import Machine, install_block_hook
from costmodel.errors import BadImage, EndlessPoll
from costmodel.memorymap import PAGE, firmware_layout
from costmodel.peripherals import Peripherals
from costmodel.profile import Profile
from costmodel.program import Program

_ON_DEMAND = ((0x0000_0000, 0x4000_0000), (0x6000_0000, 0xA000_0000))
_REGISTERS = ((0x4000_0000, 0x2000_0000), (0xE000_0000, 0x0010_0000))
_CHUNK = 1 << 16
_STACK_WITHOUT_VECTORS = 0x4000_0000  # the end of SRAM, as far from everything else as can be
_R0, _SP, _LR = arm_const.UC_ARM_REG_R0, arm_const.UC_ARM_REG_SP, arm_const.UC_ARM_REG_LR
_CALLER_SAVED = (*(_R0 + i for i in range(4)), arm_const.UC_ARM_REG_R12, _LR, _SP)
_CALLEE_SAVED = tuple(arm_const.UC_ARM_REG_R4 + i for i in range(8))
_STATUS = (arm_const.UC_ARM_REG_CPSR, arm_const.UC_ARM_REG_FPSCR)


@dataclass(frozen=True, slots=True)
class Call:
    """One profiled call or stretch of code: where it begins, its profile, its stack in bytes."""

    address: int
    profile: Profile
    stack: int


class Firmware(Machine):
    """An emulated core with a firmware image; `limit` bounds the instructions of each run."""

    def __init__(
        self, program: Program, core: Core, *, limit: int, mmio: Mapping[int, Sequence[int]] | None = None
    ) -> None:
        self._load(program, core, firmware_layout(program), limit, True)
        self.peripherals = Peripherals(mmio or {})
        self._stack = stackhook.new_state(ctypes.cast(uclib.uc_reg_read, ctypes.c_void_p).value or 0)
        install_block_hook(self._engine, stackhook.on_block, self._stack)
        for start, size in _REGISTERS:
            self._engine.mmio_map(start, size, self._read_register, start, self._write_register, start)
        stack, reset = self.vectors if self.has_vectors else (_STACK_WITHOUT_VECTORS, 0)
        self._engine.reg_write(_SP, stack)
        self._pc_next = reset & ~1

    @property
    def has_vectors(self) -> bool:
        """Whether the image begins with a vector table, so that it can be run from reset."""
        first = min(self.program.segments, key=lambda segment: segment.load_address)
        return len(first.data) >= 8 and self._is_code(int.from_bytes(first.data[4:8], "little"))

    def _is_code(self, address: int) -> bool:
        return bool(address & 1) and self._map.holds(address) and address & ~1 != self._map.return_address

    @property
    def vectors(self) -> tuple[int, int]:
        """Initial stack pointer and reset handler, the first two words of the image. Raises BadImage."""
        first = min(self.program.segments, key=lambda segment: segment.load_address)
        if not self.has_vectors:
            raise BadImage(f"{self.program.name}: holds no vector table at 0x{first.address:08x}, cannot be reset.")
        stack, reset = np.frombuffer(first.data[:8], "<u4").tolist()
        return stack, reset

    def run_to(self, address: int, start: int | None = None) -> None:
        """Run on, or from `start`, until `address` is about to execute.

        Raises EndlessPoll, InstructionLimit or another EmulationFault when it is never reached.
        """
        begin = (self._pc_next or self.vectors[1]) if start is None else start
        self._go(begin, address, f"run to {self.program.functions.at(address & ~1)}")

    def profile_from(self, start: int, until: int) -> Call:
        """Profile from `start` (the next instruction to run) to `until`."""
        stack_pointer = self._sp()
        self._stack[stackhook.LOWEST] = stack_pointer
        rows = self._go(start, until, f"run of {self.program.functions.at(start & ~1)}")
        return Call(start & ~1, self._profile(rows), stack_pointer - int(self._stack[stackhook.LOWEST]))

    def profile_call(self, address: int, twice: bool = False) -> Call:
        """Call a function with the registers as they are; `twice`: once more with the same ones, and count that."""
        registers = [*_CALLER_SAVED, *_CALLEE_SAVED, *_STATUS]
        kept = [int(self._engine.reg_read(register)) for register in registers]
        home = self._map.return_address
        for _ in range(2 if twice else 1):
            for register, value in zip(registers, kept, strict=True):
                self._engine.reg_write(register, value)
            self._engine.reg_write(_LR, home | 1)
            call = self.profile_from(address, home)
        self._pc_next = kept[_CALLER_SAVED.index(_LR)] & ~1
        return call

    @property
    def limit(self) -> int:
        """Instructions that each run may take."""
        return self._limit

    @limit.setter
    def limit(self, instructions: int) -> None:
        self._limit = instructions

    def set_callee_saved(self, value: int) -> None:
        """Set r4 to r11, which otherwise hold what the code that ran before left."""
        for register in _CALLEE_SAVED:
            self._engine.reg_write(register, value)

    def _go(self, start: int, until: int, label: str) -> list[npt.NDArray[np.uint64]]:
        self._until = until & ~1
        self._engine.ctl_remove_cache(self._until, self._until + 2)
        try:
            rows = self._run(start & ~1, [], None, [label])
        finally:
            self._pc_next = self._pc()
        return rows

    def _resume(self, pc: int, label: str) -> None:
        super()._resume(pc, label)
        if self.peripherals.endless is not None:
            register, self.peripherals.endless = self.peripherals.endless, None
            raise EndlessPoll(
                f"{label}: polls 0x{register:08x} without end{self._place(self._pc())}; "
                f"give the values it waits for with --mmio 0x{register:08x}=VALUE[,VALUE...]."
            )

    def _read_register(self, _engine: Any, offset: int, size: int, start: int) -> int:
        value = self.peripherals.read(start + offset, size)
        if self.peripherals.endless is not None:
            self._engine.emu_stop()
        return value

    def _write_register(self, _engine: Any, offset: int, size: int, value: int, start: int) -> None:
        self.peripherals.write(start + offset, size, value)

    def _on_invalid(self, engine: Any, access: int, address: int, size: int, value: int, user: Any) -> bool:
        """Give the RAM that the firmware touches first."""
        fetch = access in (unicorn.UC_MEM_FETCH_UNMAPPED, unicorn.UC_MEM_FETCH_PROT)
        unmapped = access in (unicorn.UC_MEM_READ_UNMAPPED, unicorn.UC_MEM_WRITE_UNMAPPED)
        if fetch or not unmapped or not any(low <= address < high for low, high in _ON_DEMAND):
            return super()._on_invalid(engine, access, address, size, value, user)
        for chunk in {address & -_CHUNK, (address + size - 1) & -_CHUNK}:
            self._map_free_pages(chunk)
        return True

    def _map_free_pages(self, chunk: int) -> None:
        taken = [(first, last + 1) for first, last, _ in self._engine.mem_regions()]
        for page in range(chunk, chunk + _CHUNK, PAGE):
            if not any(first <= page < last for first, last in taken):
                self._engine.mem_map(page, PAGE)
