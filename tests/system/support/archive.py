# SPDX-License-Identifier: BSD-3-Clause
"""Takes boot archives apart and puts changed ones together."""

from collections.abc import Iterator
from pathlib import Path

HEADER = 110


def read(path: Path) -> dict[str, bytes]:
    """The files of a cpio archive, "newc with checksum"."""
    data = path.read_bytes()
    return {name: data[start : start + size] for name, start, size in entries(data)}


def position_of(path: Path, name: str) -> int:
    """Where in the archive the contents of a file begin."""
    return next(start for found, start, _ in entries(path.read_bytes()) if found == name)


def entries(data: bytes) -> Iterator[tuple[str, int, int]]:
    """Name, position of the contents and their size."""
    position = 0
    while True:
        size, name_size = (int(data[position + at : position + at + 8], 16) for at in (54, 94))
        name = data[position + HEADER : position + HEADER + name_size].rstrip(b"\0").decode()
        if name == "TRAILER!!!":
            return
        start = aligned(position + HEADER + name_size)
        yield name, start, size
        position = aligned(start + size)


def write(path: Path, members: dict[str, bytes]) -> Path:
    output = bytearray()
    for inode, (name, contents) in enumerate([*sorted(members.items()), ("TRAILER!!!", b"")], start=1):
        mode = 0 if name == "TRAILER!!!" else 0o100644
        fields = [inode, mode, 0, 0, 1, 0, len(contents), 0, 0, 0, 0, len(name) + 1, sum(contents) & 0xFFFFFFFF]
        output += ("070702" + "".join(f"{field:08x}" for field in fields)).encode() + name.encode() + b"\0"
        output += bytes(-len(output) % 4) + contents + bytes(-len(contents) % 4)
    path.write_bytes(output)
    return path


def aligned(position: int) -> int:
    return position + -position % 4
