# SPDX-License-Identifier: BSD-3-Clause
"""Entries of DS that hold bytes: memory, and memory of a service that is seen while it changes."""

import time
from collections.abc import Callable
from typing import Any

from lib.client import RpcError
from support.context import LiveSystemTest

STATISTICS = "e1000.statistics"  # servers/protocols/ethernet.h
PAGE_BYTES = 4096
KEPT_SNAPSHOTS = 5
RESTART_SECONDS = 30


class DataStore(LiveSystemTest):
    def read(self, key: str, **options: Any) -> bytes:
        return bytes.fromhex(self.client.call("ds.read", key=key, **options)["contents"])

    def refused(self, errno: str, method: str, **parameters: Any) -> None:
        with self.assertRaises(RpcError) as refused:
            self.client.call(method, **parameters)
        self.assertEqual((-31000, errno), (refused.exception.code, refused.exception.data.get("errno")))

    def received(self, **options: Any) -> int:
        """The first counter: frames from the wire."""
        return int.from_bytes(self.read(STATISTICS, limit=8, **options), "little")

    def endpoint(self, label: str) -> int | None:
        services = {each["label"]: each for each in self.client.items("service.list")}
        return services[label]["endpoint"] if services[label]["state"] == "running" else None

    def wait_for(self, what: str, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + RESTART_SECONDS
        while time.monotonic() < deadline:
            try:
                if done():
                    return
            except RpcError:
                pass  # DS is not there yet
            time.sleep(0.05)
        self.fail(f"not within {RESTART_SECONDS} s: {what}\n{self.instance.last_words()}")

    def restart(self, label: str) -> None:
        old = self.endpoint(label)
        self.client.call("service.restart", label=label)
        self.wait_for(f"{label} is back", lambda: self.endpoint(label) not in (None, old))

    def counts(self) -> bool:
        """Whether the entry is the memory of the driver that runs: the requests come by frames."""
        before = self.received()
        return self.received() > before

    def test_memory_is_kept_byte_by_byte(self) -> None:
        contents = bytes(range(256)) * 4
        self.client.call("ds.publish", key="test.bytes", type="memory", value=contents.hex())
        self.addCleanup(self.client.call, "ds.delete", key="test.bytes")
        self.assertEqual(contents, self.read("test.bytes"))
        self.assertEqual(contents[1000:1010], self.read("test.bytes", offset=1000, limit=10))
        self.assertEqual(b"", self.read("test.bytes", offset=len(contents)))
        entry = self.client.call("ds.get", key="test.bytes")
        self.assertEqual(("memory", "netmgmt", 1024), (entry["type"], entry["owner"], entry["value"]))
        self.restart("ds")
        self.assertEqual(contents, self.read("test.bytes"))

    def test_a_map_is_seen_while_it_changes(self) -> None:
        entry = self.client.call("ds.get", key=STATISTICS)
        self.assertEqual(("map", "e1000", PAGE_BYTES), (entry["type"], entry["owner"], entry["value"]))
        self.assertTrue(self.counts())

    def test_a_snapshot_stays(self) -> None:
        taken = self.client.call("ds.snapshot", key=STATISTICS)["snapshot"]
        then = self.received(snapshot=taken)
        self.assertGreater(self.received(), then)
        self.assertEqual(then, self.received(snapshot=taken))
        self.restart("ds")
        self.assertEqual(then, self.received(snapshot=taken))
        for _ in range(KEPT_SNAPSHOTS):
            newest = self.client.call("ds.snapshot", key=STATISTICS)["snapshot"]
        self.assertEqual(taken + KEPT_SNAPSHOTS, newest)
        self.refused("ENOENT", "ds.read", key=STATISTICS, snapshot=taken)
        self.refused("ENOENT", "ds.read", key=STATISTICS, snapshot=newest + 1)
        self.refused("ESRCH", "ds.snapshot", key="netmgmt")

    def test_a_map_is_seen_again_after_either_end_died(self) -> None:
        for label in ("ds", "e1000"):
            self.restart(label)
            self.wait_for(f"the counters move after the death of {label}", self.counts)

    def test_a_driver_that_starts_without_ds_publishes_later(self) -> None:
        """The driver starts while DS does not answer, and DS dies: its first attempt fails, whatever comes first."""
        old = {label: self.endpoint(label) for label in ("ds", "e1000")}
        self.client.call("fault.arm", target="ds", model="hang")
        self.client.call("fault.arm", target="e1000", model="kill")
        for label, endpoint in old.items():
            self.wait_for(f"{label} is back", lambda: self.endpoint(label) not in (None, endpoint))
        self.wait_for("the counters move", self.counts)
