import pytest

from costmodel import peripherals
from costmodel.peripherals import GIVE_UP, PATIENCE, Peripherals


def poll(registers: Peripherals, address: int, mask: int, wanted: int, limit: int = GIVE_UP) -> int:
    """Reads until the masked bits are as wanted."""
    for count in range(1, limit + 1):
        if registers.read(address, 4) & mask == wanted:
            return count
    return 0


def test_a_register_reads_what_was_written_in_any_width() -> None:
    registers = Peripherals({})
    registers.write(0x4000_0000, 4, 0x11223344)
    registers.write(0x4000_0001, 1, 0xAA)
    registers.write(0x4000_0002, 2, 0xBBCC)
    assert registers.read(0x4000_0000, 4) == 0xBBCCAA44
    assert registers.read(0x4000_0003, 1) == 0xBB
    assert registers.read(0x4000_0010, 4) == 0
    assert not registers.polled


def test_a_script_is_read_in_turn_and_its_last_value_stays() -> None:
    registers = Peripherals({0x4000_0004: [1, 2]})
    assert [registers.read(0x4000_0004, 4) for _ in range(4)] == [1, 2, 2, 2]


def test_a_poll_finds_set_clear_and_composite_bits() -> None:
    for mask, wanted in ((1 << 17, 1 << 17), (0b111 << 3, 0b011 << 3), (0xFF, 0x5A)):
        registers = Peripherals({})
        assert PATIENCE < poll(registers, 0x4002_1000, mask, wanted) < GIVE_UP
        assert registers.polled.keys() == {0x4002_1000}
        assert registers.endless is None
    registers = Peripherals({})
    registers.write(0x4002_1000, 4, 1 << 25)
    assert poll(registers, 0x4002_1000, 1 << 25, 0) == PATIENCE + 2


def test_a_poll_that_nothing_ends_is_named() -> None:
    registers = Peripherals({})
    for _ in range(GIVE_UP + 1):
        registers.read(0x4000_0008, 4)
    assert registers.endless == 0x4000_0008


def test_a_loop_that_reads_for_ever_is_named_though_it_writes_or_reads_a_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peripherals, "READ_LIMIT", 1000)
    for registers in (Peripherals({}), Peripherals({0x4000_0008: [0]})):
        for _ in range(999):
            registers.read(0x4000_0008, 4)
            registers.write(0x4000_000C, 4, 1)
        assert registers.endless is None
        registers.read(0x4000_0008, 4)
        assert registers.endless == 0x4000_0008
