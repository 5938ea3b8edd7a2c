# SPDX-License-Identifier: BSD-3-Clause
"""The long forms of two target tests (tests/target): random grants, maps, copies, forks and deaths agree with a model
after each step; and the pages that are got at by copies and maps, with what each way costs."""

import re

from lib import target_tests
from machines.options import Pace
from support.context import SystemTest

STEPS, LONG_STEPS = 10_000, 100_000
ROUNDS, LONG_ROUNDS = 5, 100
LONGEST_WAIT = 1200


class GrantedMemory(SystemTest):
    def test_random_grants_agree_with_a_model(self) -> None:
        steps = LONG_STEPS if self.context.long else STEPS
        words = f"random_grants_steps={steps} random_grants_seed={self.context.seed}"
        lines = self.lines_of("random_grants", words, Pace.INTERACTIVE)
        self.assertIn(f"seed {self.context.seed}, {steps} steps", lines[0])

    def test_pages_are_right_and_cost_something(self) -> None:
        rounds = LONG_ROUNDS if self.context.long else ROUNDS
        lines = self.lines_of("safeperf", f"safeperf_rounds={rounds}", Pace.EXACT)
        self.assertEqual(6, len([line for line in lines if re.search(r": \d+ ticks a page; of 1 page \d+", line)]))

    def lines_of(self, test: str, words: str, pace: Pace) -> list[str]:
        """What the test says in the log; all of it must pass."""
        instance = self.start(self.make_iso(f"{target_tests.COMMAND_LINE} target_only={test} {words}"), pace=pace)
        self.addCleanup(instance.end)
        end = instance.wait_for_serial(target_tests.END, LONGEST_WAIT)
        text = instance.serial_text()
        self.assertIsNotNone(end, instance.last_words())
        self.assertEqual([], re.findall(r"TEST \S+ FAILED.*", text))
        self.assertGreater(int(end[1]), 0)
        lines = re.findall(rf"{test}: .*", text)
        if self.context.long:
            print("\n".join(lines), flush=True)
        return lines
