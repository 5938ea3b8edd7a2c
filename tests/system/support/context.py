# SPDX-License-Identifier: BSD-3-Clause
"""What the system tests run against, and the ways to boot it."""

import itertools
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from lib import building, ports
from lib.client import Client
from lib.instance import Instance
from machines.options import Firmware, FramePorts, Medium, OnReboot, Options

BOOT_SECONDS = {"bochs": 180.0, "qemu": 60.0}


@dataclass(frozen=True)
class Context:
    machine: str
    kernel: Path
    archive: Path
    scratch: Path
    long: bool
    seed: int

    def is_qemu(self) -> bool:
        return self.machine == "qemu"


class SystemTest(unittest.TestCase):
    """A test that boots a machine."""

    context: ClassVar[Context]
    _numbers: ClassVar[itertools.count] = itertools.count(1)

    @classmethod
    def boot_seconds(cls) -> float:
        return BOOT_SECONDS[cls.context.machine]

    @classmethod
    def make_iso(cls, command_line: str = building.COMMAND_LINE, archive: Path | None = None) -> Path:
        output = cls.context.scratch / f"{next(cls._numbers)}.iso"
        return building.make_iso(output, command_line, cls.context.kernel, archive or cls.context.archive)

    @classmethod
    def start(cls, iso: Path | None = None, machine: str | None = None, **options: Any) -> Instance:
        """A machine that begins to boot; the caller ends it."""
        return Instance(
            machine or cls.context.machine,
            Options(
                iso=iso or cls.make_iso(),
                directory=Path(tempfile.mkdtemp(prefix="instance-", dir=cls.context.scratch)),
                port=ports.free_port(),
                **options,
            ),
        )

    def boot(self, iso: Path | None = None, **options: Any) -> tuple[Instance, Client]:
        """A machine that answers, ended with the test."""
        instance = self.start(iso, **options)
        self.addCleanup(instance.end)
        client = instance.wait_until_ready(self.boot_seconds())
        self.addCleanup(client.close)
        return instance, client


class LiveSystemTest(SystemTest):
    """The tests of one class share a machine. Each begins with a connection of its own."""

    options: ClassVar[dict[str, Any]] = {}
    instance: ClassVar[Instance]

    @classmethod
    def setUpClass(cls) -> None:
        cls.instance = cls.start(**cls.options)
        cls.addClassCleanup(cls.instance.end)
        cls.instance.wait_until_ready(cls.boot_seconds()).close()

    def setUp(self) -> None:
        self.client = self.instance.connect()
        self.addCleanup(self.client.close)


def only_on(machine: str, why: str):
    """Leaves out the tests of a class on the other machine. They do not count there."""

    def mark(tests: type[SystemTest]) -> type[SystemTest]:
        tests.only_on = machine  # type: ignore[attr-defined]
        tests.only_on_reason = why  # type: ignore[attr-defined]
        return tests

    return mark


__all__ = ["Context", "Firmware", "FramePorts", "LiveSystemTest", "Medium", "OnReboot", "SystemTest", "only_on"]
