# SPDX-License-Identifier: BSD-3-Clause
"""QEMU's monitor: what the machine itself knows about its registers and page tables."""

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from machines.qemu import MONITOR_SOCKET

PROMPT = b"(qemu) "
# What `info tlb` prints for a mapped page: virtual address, physical address, and a letter or "-" for each of the flags
# no-execute, global, large, dirty, accessed, cache-disable, write-through, user, writable.
MAPPING = re.compile(r"^([0-9a-f]{16}): ([0-9a-f]{16}) ([X-])([G-])([P-])([D-])([A-])([C-])([T-])([U-])([W-])$")


@dataclass(frozen=True)
class Mapping:
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

    def mappings(self) -> list[Mapping]:
        """Every page of the address space that is loaded now."""
        found = [MAPPING.match(line) for line in self.command("info tlb").splitlines()]
        return [mapping_of(match) for match in found if match]

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


def mapping_of(match: re.Match[str]) -> Mapping:
    flags = [letter != "-" for letter in match.groups()[2:]]
    no_execute, global_page, large, _, _, _, _, user, writable = flags
    return Mapping(
        virtual=int(match.group(1), 16),
        physical=int(match.group(2), 16),
        executable=not no_execute,
        global_page=global_page,
        large=large,
        user=user,
        writable=writable,
    )
