# SPDX-License-Identifier: BSD-3-Clause
"""A panic and the death of a process, explained from the serial log alone."""

import subprocess

from lib import building
from support.context import SystemTest, only_on
from support.monitor import Monitor

SYMBOLISE = building.ROOT / "tools" / "symbolise"


@only_on("qemu", "only QEMU's monitor raises a non-maskable interrupt")
class Symbolise(SystemTest):
    def explained(self, log: str) -> str:
        done = subprocess.run([str(SYMBOLISE)], input=log, capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual("", done.stderr)
        return done.stdout

    def test_panic(self) -> None:
        instance, client = self.boot()
        client.call("trace.start")
        client.call("vm.stats")
        with Monitor(instance.directory) as monitor:
            monitor.send("nmi")  # the machine ends by it
        self.assertTrue(instance.wait_for_serial(r"PANIC the machine stops", 30), instance.last_words())
        text = self.explained(instance.serial_text())
        for expected in (
            r"PANIC   build \S+",
            r"PANIC   rip 0x[0-9a-f]+|in user mode",
            r"PANIC   cr0 0x[0-9a-f]+  cr2 .*cr3 .*cr4 ",
            r"PANIC   process \w+ endpoint \d+",
            r"PANIC   operation 0x",
            r"PANIC   trace \d+ ticks \d+ \w+ \d+ -> \d+",
        ):
            self.assertRegex(text, expected)
        backtrace = text.partition("PANIC   backtrace")[2]
        self.assertRegex(backtrace, r"0x[0-9a-f]{16} tessera\S+ at kernel/\S+\.cpp:[1-9]\d*")

    def test_death_of_a_service(self) -> None:
        instance, client = self.boot()
        client.call("fault.arm", target="ds", model="crash_illegal_instruction")
        died = instance.wait_for_serial(r"kernel: ds died: .*instruction (0x[0-9a-f]+)", 30)
        self.assertTrue(died, instance.last_words())
        text = self.explained(instance.serial_text())
        self.assertRegex(text, rf"(?m)^ +{died.group(1)} .+ at \S+:[1-9]\d*$")
