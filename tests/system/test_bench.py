# SPDX-License-Identifier: BSD-3-Clause
"""The benchmark programs run and print their figures; what the figures are is not this test's business."""

from lib import measuring
from support.context import SystemTest

FIGURES = {
    "message.roundtrip.other_space",
    "call.null",
    "safecopy.4k",
    "fault.demand_zero",
    "boot.to_listening",
    "boot.to_first_reply",
    "json.ping",
}


class Bench(SystemTest):
    def test_figures(self) -> None:
        context = self.context
        figures = measuring.measure(context.machine, context.kernel, context.archive, context.scratch / "bench")
        self.assertLessEqual(FIGURES, set(figures))
        for name, figure in figures.items():
            self.assertLessEqual(0, figure.min, name)
            self.assertLessEqual(figure.min, figure.median, name)
            self.assertGreater(figure.count, 0, name)
