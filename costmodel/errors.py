"""What can go wrong in the cost model; each message is one line a user can act on.

CostModelError
├── UnknownCore, UnknownBoard      a name no TOML file has
├── BadTable                       a TOML file that does not hold what it must
├── BadFit                         a file of fitted parameters that does not suit its board
├── BadImage                       an ELF file that cannot be loaded
├── IllegalInstruction             the chosen core does not have it
├── UnknownInstruction             the model has no entry for it
├── UnwatchableAccess              the emulator gets it wrong while memories are watched
└── EmulationFault                 the emulated program stopped where it should not
    ├── WildAccess                 read, write or fetch outside the program's memory
    ├── UndefinedInstruction
    ├── StackOverflow
    ├── InstructionLimit
    ├── EndlessPoll                waits for a peripheral that never answers
    └── MarkNotReached
"""


class CostModelError(Exception):
    """One line: where, what was found, what is allowed, what to do."""


class UnknownCore(CostModelError):
    """No file `cores/<name>.toml`."""


class UnknownBoard(CostModelError):
    """No file `boards/<name>.toml`."""


class BadTable(CostModelError):
    """A core or board file has a wrong, missing or unknown key."""


class BadFit(CostModelError):
    """A file of fitted parameters is unreadable, of another board, or outside the physical range."""


class BadImage(CostModelError):
    """An ELF file is not a loadable 32-bit little-endian Arm program."""


class IllegalInstruction(CostModelError):
    """The program holds an instruction that the chosen core does not have."""


class UnknownInstruction(CostModelError):
    """The program holds an instruction that the model cannot price."""


class EmulationFault(CostModelError):
    """The emulated program stopped where it should not."""


class WildAccess(EmulationFault):
    """A read, write or fetch at an address that holds none of the program's memory."""


class UndefinedInstruction(EmulationFault):
    """The emulated core took an exception: undefined encoding, BKPT, SVC."""


class StackOverflow(EmulationFault):
    """The stack grew below its declared size."""


class UnwatchableAccess(CostModelError):
    """An access that the emulator carries out wrongly while memories are watched."""


class InstructionLimit(EmulationFault):
    """The run executed more instructions than the caller allows."""


class EndlessPoll(EmulationFault):
    """The firmware waits for a peripheral register that takes none of the values it was offered."""


class MarkNotReached(EmulationFault):
    """The call returned before every mark was visited."""
