"""Keras' zip files: the three members that make a model, with every size checked before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib

from simref.errors import ModelError, UnsupportedError

MAX_CONFIG_BYTES = 1 << 24
MAX_WEIGHTS_BYTES = 1 << 29
_MAX_MEMBERS = 1 << 12
_ENCRYPTED = 1


def read_archive(data: bytes) -> tuple[bytes, bytes, bytes]:
    """(config, metadata, weights) of a `.keras` file's content: two JSON texts and an HDF5 file.

    Raises ModelError where a member is missing, damaged, larger than it says or than any model, or stored twice.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive)
            if "model.weights.h5" not in members and "model.weights.json" in members:
                raise UnsupportedError("its weights are stored in shards, must be in one file model.weights.h5")
            return (
                _content(archive, members, "config.json", MAX_CONFIG_BYTES),
                _content(archive, members, "metadata.json", MAX_CONFIG_BYTES),
                _content(archive, members, "model.weights.h5", MAX_WEIGHTS_BYTES),
            )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise ModelError(f"damaged: the zip archive cannot be read ({' '.join(str(error).split())[:120]})") from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    listed = archive.infolist()
    if len(listed) > _MAX_MEMBERS:
        raise ModelError(f"the zip archive has {len(listed)} members, must have at most {_MAX_MEMBERS}")
    members = {info.filename: info for info in listed}
    if len(members) < len(listed):
        raise ModelError("the zip archive has two members of one name, must have one of each")
    return members


def _content(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, limit: int) -> bytes:
    if name not in members:
        raise ModelError(f'the zip archive has no member "{name}". Save the model with model.save("name.keras").')
    info = members[name]
    if info.flag_bits & _ENCRYPTED:
        raise UnsupportedError(f'zip member "{name}" is encrypted, must be plain')
    if info.file_size > limit:
        raise ModelError(f'zip member "{name}" has {info.file_size} bytes, must have at most {limit}')
    with archive.open(info) as member:
        content = member.read(info.file_size + 1)  # never more than was just allowed, whatever the stream holds
    if len(content) != info.file_size:
        raise ModelError(f'zip member "{name}" has {len(content)} bytes, says {info.file_size}')
    return content
