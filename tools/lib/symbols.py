# SPDX-License-Identifier: BSD-3-Clause
"""Addresses in a serial log, and the source places behind them."""

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SYMBOLIZER = "llvm-symbolizer-19"
# What kernel/arch/x86_64/panic.cpp prints. Of the words in its registers some are addresses of the kernel's text.
PANIC = re.compile(r"\bPANIC\b")
BACKTRACE_PLACE = re.compile(r"\bPANIC {5}(0x[0-9a-f]+) ")
PANIC_PROCESS = re.compile(r"\bPANIC +process (\S+) .*\bat (0x[0-9a-f]+)")
BUILD = re.compile(r"\bPANIC +build (\S+)")
# What kernel/core/death.h prints of a process.
DEATH = re.compile(r"\bkernel: (\S+) died: .*\binstruction (0x[0-9a-f]+)")
# The large page of the kernel's text (kernel/arch/x86_64/memory_map.h).
KERNEL_TEXT = range(0xFFFFFFFF80200000, 0xFFFFFFFF80400000)
WORD = re.compile(r"0x[0-9a-f]{16}\b")
KERNEL = "kernel"


@dataclass(frozen=True)
class Reference:
    """An address in a line: whose, and where to look, which for a return address is the call before it."""

    program: str
    address: int
    look_up: int


def references(lines: Iterable[str]) -> Iterator[list[Reference]]:
    """For each line what it refers to."""
    is_first_place = False
    for line in lines:
        place = BACKTRACE_PLACE.search(line)
        if place:
            address = int(place.group(1), 16)
            yield [Reference(KERNEL, address, address if is_first_place else address - 1)]
            is_first_place = False
            continue
        is_first_place = line.rstrip().endswith("backtrace")
        process = PANIC_PROCESS.search(line) or DEATH.search(line)
        if process:
            address = int(process.group(2), 16)
            yield [Reference(process.group(1), address, address)]
        elif PANIC.search(line):
            words = [int(word, 16) for word in WORD.findall(line)]
            yield [Reference(KERNEL, word, word) for word in words if word in KERNEL_TEXT]
        else:
            yield []


def program_in(build: Path, name: str) -> Path | None:
    """The executable with debugging information. Those of the boot archive, in boot/, are without."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        return None
    found = [path for path in sorted(build.rglob(name)) if path.is_file() and path.parent != build / "boot"]
    return next((path for path in found if path.read_bytes()[:4] == b"\x7fELF"), None)


def places(executable: Path, addresses: list[int]) -> dict[int, list[str]]:
    """By address "function at file:line", innermost first; nothing for addresses of which nothing is known."""
    argv = [SYMBOLIZER, "--obj", str(executable), "--output-style=JSON", "--relativenames"]
    argv += [hex(address) for address in addresses]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return {int(entry["Address"], 16): described(entry) for entry in json.loads(done.stdout)}


def described(entry: dict) -> list[str]:
    frames = [frame for frame in entry.get("Symbol", []) if frame["FunctionName"]]
    return [f"{frame['FunctionName']} at {source_of(frame)}" for frame in frames]


def source_of(frame: dict) -> str:
    """Compilers are started in the build directory, which is not what a reader wants to see."""
    name = re.sub(r"^(\.\./)+", "", frame["FileName"]) or "?"
    return f"{name}:{frame['Line']}"


def symbolised(lines: list[str], executable_of: Callable[[str], Path | None]) -> Iterator[str]:
    """The lines, each followed by what is known of its addresses."""
    referred = list(references(lines))
    wanted: dict[str, set[int]] = {}
    for reference in (each for line in referred for each in line):
        wanted.setdefault(reference.program, set()).add(reference.look_up)
    known = {}
    for program, addresses in wanted.items():
        executable = executable_of(program)
        known[program] = places(executable, sorted(addresses)) if executable else {}
    for line, found in zip(lines, referred, strict=True):
        yield line
        for reference in found:
            for place in known[reference.program].get(reference.look_up, []):
                yield f"          {reference.address:#x} {place}"


def foreign_build(lines: list[str], kernel: Path) -> str | None:
    """The build that the panic names, when it is not that of the kernel."""
    build = next((match.group(1) for match in map(BUILD.search, lines) if match), None)
    return build if build and build.encode() not in kernel.read_bytes() else None
