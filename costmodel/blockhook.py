"""The native block hook: counts edges between basic blocks at the emulator's own speed.

Unicorn calls it at the start of every translation block, before the block's first instruction, and leaves
the block unexecuted when the hook asks for a stop. A block is one word, address + (size << 32); an edge is a
row (from, to, count) of an open-addressing table that lies behind the header in one uint64 array, whose
address is the hook's user data. The hook stops without counting, so the block is counted when it is resumed.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import cfunc, types
from numba.extending import intrinsic

PREVIOUS, ENTRIES, CAPACITY, BUDGET, MARK, REASON, STOP, REFUSED = range(8)
HEADER = 8
NO_BLOCK = 0xFFFF_FFFF_FFFF_FFFF
NO_MARK = 0xFFFF_FFFF_FFFF_FFFF
RUNNING, AT_MARK, OUT_OF_BUDGET, TABLE_FULL = range(4)

State = npt.NDArray[np.uint64]


def new_state(capacity: int, stop: int) -> State:
    """Empty table of `capacity` edges, a power of two; `stop`: address of `uc_emu_stop`."""
    state = np.zeros(HEADER + 3 * capacity, np.uint64)
    state[[PREVIOUS, MARK]] = NO_BLOCK
    state[CAPACITY], state[STOP] = capacity, stop
    return state


def edges(state: State) -> npt.NDArray[np.uint64]:
    """Rows (from, to, count) with a count, uint64 [n, 3], in no particular order."""
    rows = state[HEADER:].reshape(-1, 3)
    return rows[rows[:, 2] > 0]


def clear(state: State) -> None:
    """Forget every edge; the block last seen stays."""
    state[HEADER:] = 0
    state[ENTRIES] = 0


def _stop_call(typing_context: Any, function: Any, engine: Any) -> Any:
    """Call the C function at address `function` with `engine`: an address kept as data lets Numba cache us."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        prototype = ir.FunctionType(ir.IntType(32), [pointer])
        target = builder.inttoptr(arguments[0], prototype.as_pointer())
        return builder.call(target, [builder.bitcast(arguments[1], pointer)])

    return types.int32(types.uint64, types.voidptr), codegen


_call_stop: Any = intrinsic(_stop_call)
_carray: Any = numba.carray  # type: ignore[attr-defined]


@cfunc(types.void(types.voidptr, types.uint64, types.uint32, types.voidptr), cache=True)
def on_block(engine: Any, address: Any, size: Any, user: Any) -> None:
    """Count the edge from the previous block to this one, or stop: at the mark, out of budget, table full."""
    one, three = np.uint64(1), np.uint64(3)
    head = _carray(user, (HEADER,), np.uint64)
    halfwords = np.uint64(size) >> one
    if address == head[MARK]:
        head[REASON] = np.uint64(AT_MARK)
        _call_stop(head[STOP], engine)
        return
    if head[BUDGET] < halfwords:
        head[REASON] = np.uint64(OUT_OF_BUDGET)
        head[REFUSED] = address | (np.uint64(size) << np.uint64(32))
        _call_stop(head[STOP], engine)
        return
    source, target = head[PREVIOUS], address | (np.uint64(size) << np.uint64(32))
    capacity = head[CAPACITY]
    table = _carray(user, (HEADER + 3 * capacity,), np.uint64)
    slot = (source * np.uint64(0x9E3779B97F4A7C15) ^ target * np.uint64(0xC2B2AE3D27D4EB4F)) >> np.uint64(40)
    while True:
        slot = slot & (capacity - one)
        row = np.uint64(HEADER) + three * slot
        if table[row + np.uint64(2)] == np.uint64(0):
            if head[ENTRIES] + head[ENTRIES] >= capacity:
                head[REASON] = np.uint64(TABLE_FULL)
                _call_stop(head[STOP], engine)
                return
            table[row] = source
            table[row + one] = target
            head[ENTRIES] += one
            break
        if table[row] == source and table[row + one] == target:
            break
        slot += one
    table[row + np.uint64(2)] += one
    head[BUDGET] -= halfwords
    head[PREVIOUS] = target
