# SPDX-License-Identifier: BSD-3-Clause
"""What is asked of a machine, whichever it is, and what it takes to start one."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

GUEST_PORT = 7420
MINIMUM_MEMORY_MIB = 64
# The machine's network card; the same on both, so that one ISO image behaves the same.
MAC_ADDRESS = "52:54:00:12:34:56"


class Firmware(Enum):
    BIOS = "bios"
    UEFI = "uefi"


class Medium(Enum):
    """How the hybrid ISO image is attached."""

    CD = "cd"
    DISK = "disk"


class Pace(Enum):
    """What the guest's clock follows."""

    INTERACTIVE = "interactive"  # guest time is close to the time of the person who waits
    EXACT = "exact"  # 1 GHz: one tick of the time-stamp counter, one nanosecond, one instruction
    SIMULATED = "simulated"  # the same, and time in which everybody sleeps takes none


class OnReboot(Enum):
    RESET = "reset"
    EXIT = "exit"


@dataclass(frozen=True)
class FramePorts:
    """TCP ports on the loopback interface where the machine listens: what is written to `inject` are Ethernet frames
    for the guest's card, what can be read from `watch` are those that it sent. Each frame follows its length, four
    bytes, big-endian."""

    inject: int
    watch: int


@dataclass(frozen=True)
class Options:
    iso: Path
    directory: Path  # the instance's own: configuration, logs, sockets
    port: int  # on the host's loopback interface, forwarded to the management plane
    memory_mib: int = MINIMUM_MEMORY_MIB
    firmware: Firmware = Firmware.BIOS
    medium: Medium | None = None  # None: what the machine boots fastest from
    pace: Pace = Pace.INTERACTIVE
    on_reboot: OnReboot = OnReboot.EXIT
    frames: FramePorts | None = None


@dataclass(frozen=True)
class Launch:
    """A command to start in the instance's directory."""

    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)


class CannotDo(Exception):
    """The machine lacks what the options ask for."""
