"""What the readers of all formats hold to, since they trust no file: bounds, and messages of one line."""

from __future__ import annotations

import struct

# Larger than any memory a Cortex-M addresses as one region of RAM or external flash.
MAX_TENSOR_BYTES = 1 << 28
# Products and quotients of two such scales stay among the normal numbers of float32.
ACTIVATION_SCALES = (1e-18, 1e18)
# What reading damaged data may raise: offsets out of the buffer, impossible lengths, bytes that are no text.
DAMAGE = (struct.error, IndexError, KeyError, TypeError, ValueError, OverflowError, MemoryError, AttributeError)


def one_line(error: Exception) -> str:
    """The kind and the text of an exception, in one line of bounded length."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__


def printable(text: str, length: int = 200) -> str:
    """The beginning of a name from a file, fit for one line of output."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:length])
