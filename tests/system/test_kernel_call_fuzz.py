# SPDX-License-Identifier: BSD-3-Clause
"""Random kernel calls and message primitives in the guest, from a process with all rights and from one with none: every
answer is a declared one, no slot and no page is lost, and the system still serves. tests/guest-fuzz/README.md."""

import re
import time
from typing import Any

from lib import building
from lib.client import ProtocolError
from support.context import SystemTest

CALLS = {"qemu": 200_000, "bochs": 20_000}
LONG_CALLS = {"qemu": 10_000_000, "bochs": 200_000}
SECONDS_A_CALL = {"qemu": 0.001, "bochs": 0.02}  # at most, on a busy machine
LABEL = "call_fuzz"
# What the heaps of PM and RS may grow by with their processes. What netmgmt grows by with our questions is counted.
HEAP_PAGES = 16
DONE = re.compile(
    r"FUZZ DONE (?P<calls>\d+) calls, (?P<unexpected>\d+) unexpected, "
    r"slots (?P<slots_before>\d+) -> (?P<slots_after>\d+), seed"
)


class KernelCallFuzz(SystemTest):
    def test_every_answer_is_declared_and_nothing_is_lost(self) -> None:
        machine = self.context.machine
        calls = (LONG_CALLS if self.context.long else CALLS)[machine]
        command_line = f"{building.COMMAND_LINE} fuzz_calls={calls} fuzz_seed={self.context.seed}"
        self.instance, self.client = self.boot(self.make_iso(command_line))
        processes = self.processes()
        memory = self.memory_but_for_questions()
        self.client.call("service.restart", label=LABEL)
        try:
            self.wait_for_end(60 + calls * SECONDS_A_CALL[machine])
        except (OSError, ProtocolError) as error:
            self.fail(f"the system does not answer any more: {error}\n{self.instance.last_words()}")
        lines = [item["text"] for item in self.client.items("log.read")]
        report = [line for line in lines if line.startswith("FUZZ ")]
        if self.context.long:
            print("\n".join(report), flush=True)
        done = DONE.match(report[-1]) if report else None
        self.assertEqual([], [line for line in report if "UNEXPECTED" in line])
        self.assertIsNotNone(done, (report[-5:], self.instance.last_words()))
        self.assertGreaterEqual(int(done["calls"]), calls)
        self.assertEqual(done["slots_before"], done["slots_after"])
        self.assertEqual(processes, self.processes())
        self.assertLessEqual(abs(memory - self.memory_but_for_questions()), HEAP_PAGES)
        self.expect_to_serve()

    def wait_for_end(self, seconds: float) -> None:
        """While it runs, the views are asked: processes have random names, the log random bytes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            service = next(item for item in self.client.items("service.list") if item["label"] == LABEL)
            if service["state"] in ("stopped", "failed"):
                return
            self.client.items("process.list")
            self.client.call("log.read", limit=16)
            time.sleep(0.2)
        self.fail(f"the fuzzer did not end within {seconds:.0f} s\n{self.instance.last_words()}")

    def memory_but_for_questions(self) -> int:
        """Free pages, and those of netmgmt: the first long answer on a connection touches buffers for it."""
        netmgmt = next(endpoint for name, endpoint in self.processes() if name == "netmgmt")
        free = self.client.call("vm.stats")["free_pages"]
        return free + self.client.call("vm.process", endpoint=netmgmt)["resident_pages"]

    def processes(self) -> list[tuple[str, Any]]:
        return [(item["name"], item["endpoint"]) for item in self.client.items("process.list")]

    def expect_to_serve(self) -> None:
        self.client.call("ds.publish", key="test.after_fuzz", type="u32", value=7)
        self.assertEqual(7, self.client.call("ds.get", key="test.after_fuzz")["value"])
        for service in self.client.items("service.list"):
            if service["label"] != LABEL and service["state"] != "stopped":
                self.assertEqual(("running", 0), (service["state"], service["restarts"]), service)
        # The fuzzer took the log from the console; a new console has it again.
        self.client.call("service.restart", label="console")
        self.assertNotIn("PANIC", self.instance.serial_text())
