# SPDX-License-Identifier: BSD-3-Clause
"""VM checks itself: bugs that are seeded are named and stop it, and without bugs the target tests pass while it checks,
at the level `functions` in every run, at the highest in the long form."""

import re
import subprocess
from pathlib import Path

from lib import building, target_tests
from support.context import LiveSystemTest, SystemTest

SYMBOLISE = building.ROOT / "tools" / "symbolise"
SLAB_PAGE = re.compile(r"vm: slab ([\w ]+): page at (0x[0-9a-f]+)")
NAMED_SECONDS = 60
ENDED = "kernel: the machine stops: nothing can replace vm"


class Check(LiveSystemTest):
    def test_on_demand(self) -> None:
        first = self.client.call("vm.check")
        self.assertEqual((0, "none", "none"), (first["problems"], first["first_problem"], first["level"]))
        total = self.client.call("vm.stats")["total_pages"]
        self.assertGreaterEqual(first["pages"], total)
        self.assertEqual(int(first["checks"]) + 1, int(self.client.call("vm.check")["checks"]))

    def test_costs_no_memory(self) -> None:
        self.client.call("vm.check")
        before = self.client.call("vm.stats")["free_pages"]
        self.client.call("vm.check")
        self.assertEqual(before, self.client.call("vm.stats")["free_pages"])

    def test_slabs(self) -> None:
        slabs = {slab["name"]: slab for slab in self.client.items("vm.slabs")}
        self.assertLessEqual({"regions", "spaces", "contiguous blocks"}, set(slabs))
        self.assertEqual(self.client.call("vm.stats")["spaces"], slabs["spaces"]["objects"])
        for slab in slabs.values():
            self.assertLessEqual(slab["objects"], slab["pages"] * slab["objects_per_page"])


class SeededBugs(SystemTest):
    def seeded(self, bug: str, named: str) -> str:
        """The serial log of a machine whose VM stopped over the bug."""
        line = f"{building.COMMAND_LINE} vm_sanity=detail start=vm_bug vm_bug={bug}"
        with self.start(self.make_iso(line)) as instance:
            self.assertTrue(instance.wait_for_serial(ENDED, NAMED_SECONDS + self.boot_seconds()), instance.last_words())
            text = instance.serial_text()
            self.assertIn(f"BUG {bug}: VM is asked for it", text)
            self.assertNotIn("BUG seeded", text)
            self.assertRegex(text, named)
            return text

    def test_stray_write(self) -> None:
        text = self.seeded("stray_write", r"kernel: vm died: page fault at 0x[0-9a-f]+")
        died = re.search(r"kernel: vm died: page fault at (0x[0-9a-f]+), instruction (0x[0-9a-f]+)", text)
        assert died is not None
        owners = {int(page, 16): slab for slab, page in SLAB_PAGE.findall(text)}
        self.assertEqual("regions", owners.get(int(died.group(1), 16) // 4096 * 4096))
        explained = subprocess.run([str(SYMBOLISE)], input=text, capture_output=True, text=True, check=True, timeout=60)
        self.assertRegex(explained.stdout, rf"{died.group(2)} .*write_astray.* at servers/vm/bugs\.cpp:\d+")

    def test_double_free(self) -> None:
        self.seeded(
            "double_free",
            r"slab regions: object at 0x[0-9a-f]+ is released twice, at bugs\.cpp:\d+; first released at bugs\.cpp:\d+",
        )

    def test_use_after_free(self) -> None:
        self.seeded("use_after_free", r"damaged slab: regions at 0x[0-9a-f]+, released at bugs\.cpp:\d+")

    def test_page_used_twice(self) -> None:
        self.seeded(
            "page_used_twice",
            r"page used twice: at 0x[0-9a-f]+ of process \d+, page table \(overlap_check\.cpp:\d+\), "
            r"page of a process \(overlap_check\.cpp:\d+\)",
        )

    def test_page_used_and_free(self) -> None:
        self.seeded("page_used_and_free", r"page both used and free: at 0x[0-9a-f]+ of process \d+, page of a process")

    def test_wrong_references(self) -> None:
        self.seeded("wrong_references", r"wrong count of references: at 0x[0-9a-f]+ .*, by the books 2, found 1")

    def test_leaked_page(self) -> None:
        self.seeded("leaked_page", r"page leaked: neither used nor free: at 0x[0-9a-f]+")

    def test_leaked_object(self) -> None:
        self.seeded("leaked_object", r"objects leaked: regions, by the books \d+, found \d+")


# Bochs would need two minutes more for the next one.
SHORT_LEVEL = {"qemu": "functions", "bochs": "top"}


class WholeSuite(SystemTest):
    def test_target_tests(self) -> None:
        level = "detail" if self.context.long else SHORT_LEVEL[self.context.machine]
        directory = Path(self.context.scratch, "vm-sanity")
        directory.mkdir()
        results = target_tests.run(self.context.machine, directory, f"vm_sanity={level} safeperf_rounds=1")
        self.assertEqual([], [f"{result.name}: {result.reason}" for result in results if not result.passed])
        self.assertGreater(len(results), 90)
