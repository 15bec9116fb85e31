from pathlib import Path

import pytest
from intelhex import IntelHex

from costmodel.errors import BadImage
from costmodel.image import load_image
from tests.costmodel.programs import assemble


def test_the_same_bytes_as_bin_and_hex_load_the_same(tmp_path: Path) -> None:
    code = bytes(range(256)) * 3
    (tmp_path / "a.bin").write_bytes(code)
    image = IntelHex()
    image.puts(0x0800_0000, code)
    image.puts(0x2000_0000, b"data")
    image.write_hex_file(tmp_path / "a.hex")
    (only,) = load_image(tmp_path / "a.bin").segments
    first, second = load_image(tmp_path / "a.hex").segments
    assert (only.address, only.data) == (first.address, first.data) == (0x0800_0000, code)
    assert (second.address, second.data) == (0x2000_0000, b"data")
    assert load_image(tmp_path / "a.bin", base=0x1000).segments[0].address == 0x1000


def test_an_elf_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.axf").write_bytes(assemble("bx lr"))
    assert "main" in load_image(tmp_path / "a.axf").symbols


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.bin", b"", "0 bytes"),
        ("a.hex", b":00000001FF\n", "no bytes"),
        ("a.hex", b":10zz", "not an Intel hex file"),
        ("a.hex", b"\xff\xfe", "not an Intel hex file"),
        ("a.txt", b"1234", "neither an ELF"),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadImage, match=found) as error:
        load_image(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_base_out_of_range_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadImage, match="cannot be read"):
        load_image(tmp_path / "none.bin")
    (tmp_path / "a.bin").write_bytes(b"1234")
    with pytest.raises(BadImage, match="below 4 GB"):
        load_image(tmp_path / "a.bin", base=0xFFFF_FFFE)
