# SPDX-License-Identifier: BSD-3-Clause
"""Who shares memory and why: programs of one image, parent and child, shared memory; and what is free."""

import time
from collections import Counter
from typing import Any, ClassVar

from lib import building
from support.context import LiveSystemTest

Entry = dict[str, Any]
Key = tuple[str, tuple[int, ...], str | None]

# As in tests/target/family_user_main.cpp.
PRIVATE_PAGES = 8
COPIED_PAGE = 2
SHARED_PAGES = 4
SHARED_PAGES_TOUCHED = 3
PAGE_BYTES = 4096
SETTLE_SECONDS = 30


def key(entry: Entry) -> Key:
    return entry["reason"], tuple(each["endpoint"] for each in entry["processes"]), entry["shared_memory"]


def names(entry: Entry) -> list[str]:
    return [each["name"] for each in entry["processes"]]


class SharedMemory(LiveSystemTest):
    options: ClassVar[dict[str, Any]] = {}

    @classmethod
    def setUpClass(cls) -> None:
        cls.options = {"iso": cls.make_iso(f"{building.COMMAND_LINE} start=assistant,assistant_b,family")}
        super().setUpClass()

    def setUp(self) -> None:
        super().setUp()
        self.groups = self.groups_with_the_family()

    def groups_with_the_family(self) -> list[Entry]:
        """vm.shares, once parent and child have parted by the page that the child writes to."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            groups = self.client.items("vm.shares")
            parted = [run for run in self.runs("fork") if run["pages"] == COPIED_PAGE]
            if parted or time.monotonic() > deadline:
                return groups
            time.sleep(0.2)

    def runs(self, reason: str) -> list[Entry]:
        runs = self.client.items("vm.share_runs")
        return [run for run in runs if run["reason"] == reason and names(run) == ["family_user"] * 2]

    def group(self, reason: str, processes: list[str]) -> Entry:
        found = [group for group in self.groups if group["reason"] == reason and names(group) == processes]
        self.assertEqual(1, len(found), self.groups)
        return found[0]

    def regions_at(self, endpoint: int, start: str) -> Entry:
        regions = self.client.items("vm.regions", endpoint=endpoint)
        return next(region for region in regions if region["start"] == start)

    def test_programs_of_one_image(self) -> None:
        image = next(each for each in self.groups if set(names(each)) == {"assistant", "assistant_b"})
        self.assertEqual("image", image["reason"])
        self.assertGreater(image["pages"], 10)

    def test_parent_and_child(self) -> None:
        fork = self.group("fork", ["family_user", "family_user"])
        self.assertGreaterEqual(fork["pages"], PRIVATE_PAGES - 1)
        # The child wrote to one of eight pages: two before it and five behind it are common.
        runs = sorted(self.runs("fork"), key=lambda run: int(run["start"], 16))
        before = next(run for run in runs if run["pages"] == COPIED_PAGE)
        behind = f"{int(before['start'], 16) + (COPIED_PAGE + 1) * PAGE_BYTES:#x}"
        self.assertIn((behind, PRIVATE_PAGES - COPIED_PAGE - 1), [(run["start"], run["pages"]) for run in runs])
        for process in fork["processes"]:
            region = self.regions_at(process["endpoint"], before["start"])
            self.assertEqual((PRIVATE_PAGES, PRIVATE_PAGES - 1), (region["resident_pages"], region["shared_pages"]))
            usage = self.client.call("vm.process", endpoint=process["endpoint"])
            self.assertGreaterEqual(usage["shared_pages"], fork["pages"])
            self.assertGreaterEqual(usage["unique_pages"], 1)
        self.assertGreaterEqual(int(self.client.call("vm.stats")["events"]["forks"]), 1)

    def test_shared_memory(self) -> None:
        shared = self.group("shared_memory", ["family_user", "family_user"])
        self.assertEqual(SHARED_PAGES_TOUCHED, shared["pages"])
        for process in shared["processes"]:
            regions = self.client.items("vm.regions", endpoint=process["endpoint"])
            found = [each for each in regions if each["shared_memory"] == shared["shared_memory"]]
            self.assertEqual(1, len(found), regions)
            self.assertEqual(SHARED_PAGES * PAGE_BYTES, int(found[0]["bytes"]))
            self.assertEqual(SHARED_PAGES_TOUCHED, found[0]["shared_pages"])
        self.assertGreaterEqual(self.client.call("vm.stats")["shared_memories"], 1)

    def test_groups_are_the_sums_of_runs(self) -> None:
        sums: Counter[Key] = Counter()
        for run in self.client.items("vm.share_runs"):
            sums[key(run)] += run["pages"]
        self.assertEqual(dict(sums), {key(group): group["pages"] for group in self.groups})

    def test_pages_of_the_lists(self) -> None:
        for method in ("vm.shares", "vm.share_runs"):
            self.assertEqual(self.client.items(method), self.client.items(method, limit=1), method)

    def test_regions_add_up_to_the_process(self) -> None:
        for process in self.client.items("process.list", fields=["endpoint", "name"]):
            if process["name"] == "netmgmt":  # which works while we ask
                continue
            regions = self.client.items("vm.regions", endpoint=process["endpoint"])
            usage = self.client.call("vm.process", endpoint=process["endpoint"])
            resident = sum(region["resident_pages"] for region in regions)
            shared = sum(region["shared_pages"] for region in regions)
            self.assertEqual((resident - shared, shared), (usage["unique_pages"], usage["shared_pages"]), process)

    def test_free_list(self) -> None:
        page = self.client.call("vm.free", limit=1024)
        self.assertIsNone(page["next"])
        pages = [each["pages"] for each in page["items"]]
        self.assertEqual(page["ranges"], len(pages))
        self.assertEqual((page["free_pages"], page["largest_block_pages"]), (sum(pages), max(pages)))
        bases = [int(each["base"], 16) for each in page["items"]]
        self.assertEqual(sorted(bases), bases)
