# SPDX-License-Identifier: BSD-3-Clause
"""What the kernel records while it is asked to, and that it records nothing else."""

import json
import subprocess

from lib import building
from lib.client import RpcError
from support.context import LiveSystemTest

RING_ENTRIES = 4096
TESS = building.BUILD / "tools" / "tess-cli" / "tess"


class Trace(LiveSystemTest):
    def tearDown(self) -> None:
        self.client.call("trace.stop")

    def record(self, *classes: str) -> str:
        return self.client.call("trace.start", classes=list(classes))["next_sequence"]

    def publish(self, value: int = 42) -> None:
        self.client.call("ds.publish", key="trace.test", type="u32", value=value, overwrite=True)

    def test_the_messages_of_a_publication(self) -> None:
        first = self.record("messages", "kernel_calls")
        self.publish()
        self.client.call("trace.stop")
        entries = self.client.items("trace.read", since=first)
        sequences = [int(entry["sequence"]) for entry in entries]
        self.assertEqual(list(range(int(first), int(first) + len(entries))), sequences)
        times = [int(entry["ticks"]) for entry in entries]
        self.assertEqual(sorted(times), times)

        asked = next(at for at, entry in enumerate(entries) if entry["what"] == "ds.publish_u32")
        self.assertEqual(("netmgmt", "ds"), (entries[asked]["from_name"], entries[asked]["to_name"]))
        later = range(asked + 1, len(entries))
        answered = next(at for at in later if (entries[at]["what"], entries[at]["from_name"]) == ("answer", "ds"))
        self.assertEqual(("netmgmt", "OK"), (entries[answered]["to_name"], entries[answered]["status"]))
        between = [(entry["from_name"], entry["what"]) for entry in entries[asked:answered]]
        self.assertIn(("ds", "safecopy_from"), between, "DS copies the key")

    def test_kinds_that_were_not_asked_for_are_not_recorded(self) -> None:
        first = self.record("process_switches")
        self.publish()
        kinds = {entry["kind"] for entry in self.client.items("trace.read", since=first)}
        self.assertEqual({"process_switch"}, kinds)

    def test_all_kinds_are_there_when_none_is_named(self) -> None:
        first = self.client.call("trace.start")["next_sequence"]
        self.publish()
        kinds = {entry["kind"] for entry in self.client.items("trace.read", since=first)}
        self.assertLessEqual({"message", "notification", "kernel_call", "process_switch", "interrupt"}, kinds)

    def test_the_ring_stands_still_when_nothing_is_recorded(self) -> None:
        self.record("messages", "kernel_calls")
        stopped = self.client.call("trace.stop")["next_sequence"]
        self.publish()
        self.client.items("process.list")
        self.assertEqual(stopped, self.client.call("trace.stop")["next_sequence"])
        self.assertEqual([], self.client.items("trace.read", since=stopped))

    def test_a_sequence_that_is_too_old_tells_the_gap(self) -> None:
        first = int(self.client.call("trace.start")["next_sequence"])
        for _ in range(RING_ENTRIES):  # each request leaves several entries
            self.client.call("vm.stats")
            page = self.client.call("trace.read", since=str(first), limit=1)
            if page["dropped"] != "0":
                break
        self.client.call("trace.stop")
        page = self.client.call("trace.read", since=str(first), limit=1)
        self.assertGreater(int(page["dropped"]), 0)
        self.assertEqual(first + int(page["dropped"]), int(page["items"][0]["sequence"]))
        rest = self.client.call("trace.read", since=page["items"][0]["sequence"], limit=1)
        self.assertEqual("0", rest["dropped"])

    def test_times_of_kernel_calls(self) -> None:
        self.record("call_times")
        self.publish()
        self.client.call("trace.stop")
        calls = {call["name"]: call for call in self.client.items("kernel.calls")}
        copy = calls["safecopy_from"]
        self.assertGreater(int(copy["timed"]), 0)
        self.assertEqual(int(copy["timed"]), sum(int(bucket["runs"]) for bucket in copy["buckets"]))
        self.assertLessEqual(int(copy["least"]), int(copy["median_below"]))
        self.assertLessEqual(int(copy["median_below"]), int(copy["most"]) + 1)
        self.assertGreaterEqual(int(copy["count"]), int(copy["timed"]))
        self.publish()
        again = {call["name"]: call for call in self.client.items("kernel.calls")}["safecopy_from"]
        self.assertEqual(copy["timed"], again["timed"])
        self.assertGreater(int(again["count"]), int(copy["count"]))
        self.assertGreater(int(calls["log_read"]["errors"]) + int(calls["process_read"]["errors"]), 0)

    def test_who_sends_to_whom(self) -> None:
        self.record("message_counts")
        for value in range(3):
            self.publish(value)
        self.client.call("trace.stop")
        pairs = {(each["from_name"], each["to_name"]): each for each in self.client.items("kernel.messages")}
        self.assertGreaterEqual(int(pairs["netmgmt", "ds"]["messages"]), 3)
        self.assertGreaterEqual(int(pairs["ds", "netmgmt"]["messages"]), 3)
        self.assertIn(("hardware", "e1000"), pairs)

    def test_unknown_class_is_refused(self) -> None:
        with self.assertRaises(RpcError) as refused:
            self.record("colours")
        self.assertEqual(-32602, refused.exception.code)

    def test_others_may_not_record(self) -> None:
        for process in self.client.items("process.list", fields=["name", "endpoint"]):
            if process["name"] in ("vm", "rs", "netmgmt"):
                continue
            privileges = self.client.call("process.get", endpoint=process["endpoint"])["privileges"]
            recording = {"trace_control", "trace_read", "call_times_read", "message_counts_read"}
            self.assertFalse(recording & set(privileges["kernel_calls"]), process["name"])

    def test_tess_trace(self) -> None:
        argv = [str(TESS), "--port", str(self.instance.port), "--json", "trace", "--for", "1"]
        argv += ["--classes", "messages,interrupts"]
        done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
        entries = json.loads(done.stdout)["items"]
        self.assertEqual({"message", "interrupt"}, {entry["kind"] for entry in entries})
        stopped = self.client.call("trace.stop")["next_sequence"]
        self.publish()
        self.assertEqual(stopped, self.client.call("trace.stop")["next_sequence"])
