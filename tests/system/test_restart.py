# SPDX-License-Identifier: BSD-3-Clause
"""Services are made to crash again and again; the system goes on with all that it knew."""

import time
from dataclasses import dataclass
from typing import Any

from lib.client import Client, ProtocolError, RpcError
from support.context import SystemTest

RECOVERY_SECONDS = {"qemu": 30.0, "bochs": 90.0}
PAGE_MEMBERS = (
    *("total_pages", "kernel_pages", "archive_pages", "preserved_pages", "process_pages", "page_table_pages"),
    *("free_pages", "vm_own_pages"),
)
RETRYABLE = -31003

# What the heaps of the services that live on (netmgmt, RS) may grow by in one test.
HEAP_PAGES = 4
# These are killed twenty times in every run on QEMU.
REPEATED = {"ds", "e1000", "netmgmt"}


@dataclass(frozen=True)
class Memory:
    stats: dict[str, int]  # pages, by member of vm.stats
    resident: dict[str, int]  # pages, by process


class Restart(SystemTest):
    def test_ds(self) -> None:
        self.crash_repeatedly("ds", "crash_null_jump")

    def test_e1000(self) -> None:
        self.crash_repeatedly("e1000", "crash_illegal_instruction")

    def test_netmgmt(self) -> None:
        self.crash_repeatedly("netmgmt", "crash_null_jump")

    def test_console(self) -> None:
        self.crash_repeatedly("console", "kill")

    def test_pm(self) -> None:
        self.crash_repeatedly("pm", "kill")

    def test_hang_is_noticed_by_the_missed_heartbeat(self) -> None:
        self.crash_repeatedly("ds", "hang", rounds=1)
        self.assertIn("heartbeat", self.service("ds")["last_reason"])

    def test_restart_on_request(self) -> None:
        self.prepare()
        before = self.service("ds")
        self.assertEqual({"label": "ds", "old_endpoint": before["endpoint"]}, self.ask("service.restart", label="ds"))
        self.wait_for_restart("ds", before)
        self.assertEqual(self.entries_before, self.entries())

    def test_each_service_once_after_the_other(self) -> None:
        """All that may be restarted, in one running system."""
        self.prepare()
        services = [item for item in self.items("service.list") if item["state"] == "running"]
        labels = [item["label"] for item in services if item["restart_policy"] == "always"]
        self.assertLessEqual({"ds", "e1000", "netmgmt", "console"}, set(labels))
        for label in labels:
            self.crash(label, "crash_null_jump")
        self.assertEqual(self.entries_before, self.entries())

    # ---- how ---------------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self.instance, self.client = self.boot()
        self.ask("ds.publish", key="test.kept.number", type="u32", value=4_000_000_000)
        self.ask("ds.publish", key="test.kept.text", type="string", value="survives \u2603")
        self.entries_before = self.entries()
        self.addCleanup(lambda: self.client.close())

    def crash_repeatedly(self, label: str, model: str, rounds: int | None = None) -> None:
        self.prepare()
        if rounds is None:
            rounds = 20 if self.context.long or self.context.is_qemu() and label in REPEATED else 3
        # The first restart may leave caches filled that were empty: docs/running.md, "What a restart costs".
        self.crash(label, model)
        memory = self.memory()
        for _ in range(rounds):
            self.crash(label, model)
        self.assertEqual(self.entries_before, self.entries(), "entries of DS")
        self.expect_no_loss(memory, self.memory())
        self.assertEqual(rounds + 1, self.service(label)["restarts"])

    def expect_no_loss(self, before: Memory, after: Memory) -> None:
        """Equal but for the heaps of those that live on, whose growth is all that may be missing from the free pages:
        docs/running.md, "What a restart costs"."""
        grown = {name: after.resident[name] - pages for name, pages in before.resident.items()}
        grown = {name: pages for name, pages in grown.items() if pages != 0}
        self.assertLessEqual(set(grown), {"rs", "netmgmt"}, (before, after))
        self.assertLessEqual(sum(abs(pages) for pages in grown.values()), HEAP_PAGES, (before, after))
        explained = sum(grown.values())
        expected = {**before.stats}
        expected["process_pages"] += explained
        expected["free_pages"] -= explained
        self.assertEqual(expected, after.stats, "memory")

    def crash(self, label: str, model: str) -> None:
        before = self.service(label)
        fault = self.ask("fault.arm", target=label, model=model)
        self.assertTrue(fault["armed"])
        after = self.wait_for_restart(label, before)
        self.assertEqual(before["restarts"] + 1, after["restarts"], label)
        self.assertNotEqual(before["endpoint"], after["endpoint"], label)
        self.assertTrue(after["last_reason"], label)

    def wait_for_restart(self, label: str, before: dict[str, Any]) -> dict[str, Any]:
        seconds = RECOVERY_SECONDS[self.context.machine]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            now = self.service(label)
            if now["state"] == "failed":
                self.fail(f"RS gave {label} up: {now}\n{self.instance.last_words()}")
            if now["state"] == "running" and now["endpoint"] != before["endpoint"]:
                return now
            time.sleep(0.05)
        self.fail(f"{label} did not come back within {seconds:.0f} s\n{self.instance.last_words()}")

    def service(self, label: str) -> dict[str, Any]:
        return next(item for item in self.items("service.list") if item["label"] == label)

    def entries(self) -> set[tuple[str, str, Any]]:
        """All of DS; the value of a label is an endpoint, which changes with every restart."""
        items = self.items("ds.list")
        return {(each["key"], each["type"], None if each["type"] == "label" else each["value"]) for each in items}

    def memory(self) -> Memory:
        """Once nothing changes any more: the old incarnation's memory is given back after the new one runs."""
        deadline = time.monotonic() + RECOVERY_SECONDS[self.context.machine]
        previous = None
        while True:
            now = self.memory_now()
            if now == previous or time.monotonic() > deadline:
                return now
            previous = now
            time.sleep(0.3)

    def memory_now(self) -> Memory:
        stats = self.ask("vm.stats")
        processes = [self.ask("vm.process", endpoint=item["endpoint"]) for item in self.items("process.list")]
        return Memory(
            {member: stats[member] for member in PAGE_MEMBERS},
            {process["name"]: process["resident_pages"] for process in processes},
        )

    def items(self, method: str) -> list[dict[str, Any]]:
        return self.patiently(lambda client: client.items(method))

    def ask(self, method: str, **parameters: Any) -> Any:
        return self.patiently(lambda client: client.call(method, **parameters))

    def patiently(self, request: Any) -> Any:
        """Asks again while a part is restarting: over a new connection when the old one broke."""
        deadline = time.monotonic() + RECOVERY_SECONDS[self.context.machine]
        while True:
            try:
                return request(self.client)
            except (OSError, ProtocolError):
                self.client.close()
                self.client = self.reconnect(deadline)
            except RpcError as error:
                if error.code != RETRYABLE or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def reconnect(self, deadline: float) -> Client:
        try:
            client = self.instance.connect(max(1.0, deadline - time.monotonic()))
        except TimeoutError as error:
            self.fail(f"{error}\n{self.instance.last_words()}")
        client.set_timeout(5.0)
        return client
