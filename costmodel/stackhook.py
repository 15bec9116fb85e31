"""The native block hook that keeps the lowest stack pointer seen at the start of any basic block."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import cfunc, types
from numba.extending import intrinsic
from unicorn import arm_const

READER, POINTER, LOWEST = range(3)
_SP = arm_const.UC_ARM_REG_SP


def new_state(reader: int) -> npt.NDArray[np.uint64]:
    """State of the hook; `reader`: address of `uc_reg_read`."""
    return np.array([reader, 0, 0xFFFF_FFFF], np.uint64)


def _read_call(typing_context: Any, function: Any, engine: Any, register: Any, target: Any) -> Any:
    """Call the C function at address `function` with an engine, a register's number and where its value goes."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, integer = ir.IntType(8).as_pointer(), ir.IntType(32)
        prototype = ir.FunctionType(integer, [pointer, integer, pointer])
        callee = builder.inttoptr(arguments[0], prototype.as_pointer())
        places = [builder.bitcast(arguments[i], pointer) for i in (1, 3)]
        return builder.call(callee, [places[0], arguments[2], builder.gep(places[1], [ir.IntType(64)(8 * POINTER)])])

    return types.int32(types.uint64, types.voidptr, types.int32, types.voidptr), codegen


_call_read: Any = intrinsic(_read_call)
_carray: Any = numba.carray  # type: ignore[attr-defined]


@cfunc(types.void(types.voidptr, types.uint64, types.uint32, types.voidptr), cache=True)
def on_block(engine: Any, address: Any, size: Any, user: Any) -> None:
    """Lower LOWEST to the stack pointer."""
    state = _carray(user, (3,), np.uint64)
    _call_read(state[READER], engine, np.int32(_SP), user)
    state[LOWEST] = min(state[LOWEST], state[POINTER])
