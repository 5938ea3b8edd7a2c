# SPDX-License-Identifier: BSD-3-Clause
"""Hours of random work for VM (tests/soak/README.md): at the end memory is what it was, page by page."""

import re

from lib import building
from machines.options import Pace
from support.context import SystemTest, only_on

SECONDS = 120  # of the guest's clock
LONG_SECONDS = 3600
LONGEST_WAIT = 2700  # of ours
MEMORY = re.compile(
    r"SOAK MEMORY (?P<when>\w+) at (?P<seconds>\d+) s: free (?P<free>\d+) largest (?P<largest>\d+) "
    r"tables (?P<tables>\d+) vm (?P<vm>\d+) processes (?P<processes>\d+) preserved (?P<preserved>\d+) "
    r"spaces (?P<spaces>\d+)"
)


@only_on("qemu", "time that nobody uses costs nothing there")
class VmSoak(SystemTest):
    def test_memory_is_what_it_was(self) -> None:
        seconds = LONG_SECONDS if self.context.long else SECONDS
        work = f"soak_seed={self.context.seed % 2**32} soak_seconds={seconds} start=vm_soak"
        instance = self.start(self.make_iso(f"{building.COMMAND_LINE} {work}"), pace=Pace.SIMULATED)
        self.addCleanup(instance.end)
        done = instance.wait_for_serial(r"SOAK DONE (\w+)", LONGEST_WAIT)
        text = instance.serial_text()
        self.assertIsNotNone(done, instance.last_words())
        self.assertEqual([], re.findall(r"SOAK (?:WRONG|FAILED).*", text))
        self.assertEqual("well", done[1], instance.last_words())
        course = [match.groupdict() for match in MEMORY.finditer(text)]
        if self.context.long:
            self.report(course)
        before, after = (next(each for each in course if each["when"] == when) for when in ("before", "after"))
        for each in (before, after):
            del each["when"], each["seconds"]
        self.assertEqual(before, after)

    def report(self, course: list[dict[str, str]]) -> None:
        print("seconds  free pages  largest free block  page tables  processes' pages  spaces")
        for each in course:
            print(
                f"{each['seconds']:>7}  {each['free']:>10}  {each['largest']:>18}  {each['tables']:>11}"
                f"  {each['processes']:>16}  {each['spaces']:>6}  {each['when']}",
                flush=True,
            )
