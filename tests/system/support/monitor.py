# SPDX-License-Identifier: BSD-3-Clause
"""QEMU's monitor: what the machine itself knows about its registers and page tables."""

import contextlib
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from machines.qemu import MONITOR_SOCKET

PROMPT = b"(qemu) "
# What `info tlb` prints for a mapped page: virtual address, physical address, and a letter or "-" for each of the flags
# no-execute, global, large, dirty, accessed, cache-disable, write-through, user, writable. The flags are those of the
# last level alone.
MAPPING = re.compile(r"^([0-9a-f]{16}): ([0-9a-f]{16}) ([X-])([G-])([P-])([D-])([A-])([C-])([T-])([U-])([W-])$")
PHYSICAL_QUADWORD = re.compile(r"0x([0-9a-f]{16})")
# Intel SDM volume 3, table 4-15: what the entry of the top level takes away from all below it.
ROOT_ENTRIES, ROOT_ENTRY_BITS = 512, 39
USER, NO_EXECUTE, ADDRESS = 1 << 2, 1 << 63, 0x000FFFFFFFFFF000


@dataclass(frozen=True)
class Mapping:
    """A page, with the rights that the first and the last level leave."""

    virtual: int
    physical: int
    executable: bool
    global_page: bool
    large: bool
    user: bool
    writable: bool


class Monitor:
    def __init__(self, instance_directory: Path, timeout: float = 60.0):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        # The path of a socket is limited to 107 bytes; through the open directory it is short wherever that is.
        folder = os.open(instance_directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._socket.connect(f"/proc/self/fd/{folder}/{MONITOR_SOCKET}")
        finally:
            os.close(folder)
        self._read_to_prompt()

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def command(self, text: str) -> str:
        self._socket.sendall(text.encode() + b"\n")
        answer = self._read_to_prompt()
        # The monitor is made for a terminal: its first line echoes what was typed, letter by letter.
        return answer.partition("\n")[2].replace("\r", "")

    def send(self, text: str) -> None:
        """A command after which the machine may be gone: there may be no answer. But it is waited for, as the monitor
        drops what it has not read yet when nobody takes its echo."""
        self._socket.sendall(text.encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            self._read_to_prompt()

    def mappings(self) -> list[Mapping]:
        """Every page of the address space that is loaded now. The machine has to stand still."""
        root = self.quadwords(self.register("CR3") & ADDRESS, ROOT_ENTRIES)
        found = [MAPPING.match(line) for line in self.command("info tlb").splitlines()]
        return [mapping_of(match, root) for match in found if match]

    def quadwords(self, physical: int, count: int) -> list[int]:
        lines = self.command(f"xp /{count}xg {physical:#x}").splitlines()
        return [int(word, 16) for line in lines for word in PHYSICAL_QUADWORD.findall(line.partition(":")[2])]

    def register(self, name: str) -> int:
        text = self.command("info registers")
        match = re.search(rf"\b{name}\s*=\s*([0-9a-f]+)", text)
        if not match:
            raise KeyError(f"no register {name} in: {text}")
        return int(match.group(1), 16)

    def _read_to_prompt(self) -> str:
        data = bytearray()
        while not data.endswith(PROMPT):
            piece = self._socket.recv(1 << 16)
            if not piece:
                raise ConnectionError("QEMU closed its monitor")
            data += piece
        return data.decode(errors="replace")


def mapping_of(match: re.Match[str], root: list[int]) -> Mapping:
    virtual = int(match.group(1), 16)
    entry = root[virtual >> ROOT_ENTRY_BITS & ROOT_ENTRIES - 1]
    no_execute, global_page, large, _, _, _, _, user, writable = (letter != "-" for letter in match.groups()[2:])
    return Mapping(
        virtual=virtual,
        physical=int(match.group(2), 16),
        executable=not no_execute and not entry & NO_EXECUTE,
        global_page=global_page,
        large=large,
        user=user and bool(entry & USER),
        writable=writable,
    )
