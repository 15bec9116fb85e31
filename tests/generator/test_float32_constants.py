from __future__ import annotations

from generator.emit import RUNTIME
from generator.float32_constants import header


def test_the_header_is_what_make_generate_writes() -> None:
    assert (RUNTIME / "constants_f32.h").read_text(encoding="utf-8") == header()
