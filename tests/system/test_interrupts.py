# SPDX-License-Identifier: BSD-3-Clause
"""Every way of wiring interrupts: the system comes up, and no interrupt of ten thousand is lost or doubled.
The long form counts a million on QEMU."""

import re

from lib import building
from lib.instance import Instance
from support.context import SystemTest

COUNT, LONG_COUNT = 10_000, 1_000_000
COUNT_SECONDS = 900
VERDICT = r"INTERRUPTS (ok|FAILED)"
WIRING = re.compile(r"kernel: runs: (.*?), (.*?) timer")


class Interrupts(SystemTest):
    def test_io_apic(self) -> None:
        self.wired("", "I/O APIC", ("local APIC", "deadline"))

    def test_virtual_wire(self) -> None:
        self.wired("interrupts=virtual_wire", "8259 through the local APIC", ("local APIC", "deadline"))

    def test_pic(self) -> None:
        self.wired("interrupts=pic", "8259", ("8254",))

    def wired(self, words: str, controller: str, timers: tuple[str, ...]) -> None:
        count = LONG_COUNT if self.context.long and self.context.is_qemu() else COUNT
        line = f"{building.COMMAND_LINE} {words} start=interrupt_test interrupts.count={count}"
        instance, client = self.boot(self.make_iso(line))
        # It answered: the network card's interrupts arrive.
        wiring = WIRING.search(instance.serial_text())
        assert wiring is not None, instance.last_words()
        self.assertEqual(controller, wiring.group(1))
        self.assertIn(wiring.group(2), timers)
        self.counted(instance, count)
        self.assertEqual({}, client.call("system.ping"))

    def counted(self, instance: Instance, count: int) -> None:
        verdict = instance.wait_for_serial(VERDICT, COUNT_SECONDS)
        assert verdict is not None, instance.last_words()
        figures = re.search(r"INTERRUPTS raised.*", instance.serial_text())
        assert figures is not None
        print(f"        {figures.group()}")
        self.assertEqual("ok", verdict.group(1), figures.group())
        self.assertIn(f"raised {count}, received {count}, lost 0", figures.group())
