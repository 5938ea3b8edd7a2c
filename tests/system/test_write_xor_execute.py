# SPDX-License-Identifier: BSD-3-Clause
"""Asks the machine, not the system, what is mapped: no page may be both writable and executable."""

import threading

from lib.client import Client
from support.context import LiveSystemTest, only_on
from support.monitor import Mapping, Monitor

# Intel SDM volume 3, section 2.5 (CR0, CR4) and 2.2.1 (EFER).
CR0_WRITE_PROTECT = 1 << 16
CR4_SMEP, CR4_SMAP = 1 << 20, 1 << 21
EFER_NO_EXECUTE = 1 << 11
USER_SPACE_END = 1 << 39
# What is loaded belongs to whichever process ran last: look often, while all of them have work.
SAMPLES = 60
LOAD = ("ds.list", "vm.stats", "process.list", "service.list", "log.read", "kernel.counters", "grant.list")


@only_on("qemu", "only QEMU's monitor shows the page tables")
class WriteXorExecute(LiveSystemTest):
    def test_no_page_is_writable_and_executable(self) -> None:
        spaces = set()
        for mappings in self.samples(SAMPLES):
            self.assertTrue(mappings)
            bad = [each for each in mappings if each.writable and each.executable]
            self.assertEqual([], bad[:5], f"{len(bad)} pages")
            spaces.add(frozenset(each.physical for each in mappings if each.user))
        self.assertGreaterEqual(len(spaces), 3, "too few processes were seen to say anything")

    def test_user_pages_are_in_user_space_and_no_others(self) -> None:
        for mappings in self.samples(10):
            bad = [each for each in mappings if each.user != (each.virtual < USER_SPACE_END)]
            self.assertEqual([], bad[:5], f"{len(bad)} pages")

    def test_kernel_executes_nothing_but_itself(self) -> None:
        """Least of all a process's code that it reaches through a copy window."""
        for mappings in self.samples(10):
            outside = [each for each in mappings if each.virtual >= USER_SPACE_END and each.executable]
            self.assertEqual([], [each for each in outside if not each.global_page][:5])

    def test_kernel_is_two_global_large_pages(self) -> None:
        for mappings in self.samples(5):
            kernel = [each for each in mappings if each.global_page]
            rights = sorted((each.writable, each.executable) for each in kernel if each.large)
            self.assertEqual([(False, True), (True, False)], rights, kernel[:8])

    def test_protections_are_on(self) -> None:
        with Monitor(self.instance.directory) as monitor:
            self.assertTrue(monitor.register("CR0") & CR0_WRITE_PROTECT)
            self.assertTrue(monitor.register("CR4") & CR4_SMEP)
            self.assertTrue(monitor.register("CR4") & CR4_SMAP)
            self.assertTrue(monitor.register("EFER") & EFER_NO_EXECUTE)

    def samples(self, count: int) -> list[list[Mapping]]:
        done = threading.Event()
        load = threading.Thread(target=keep_busy, args=(self.instance.connect(), done), daemon=True)
        load.start()
        taken = []
        try:
            with Monitor(self.instance.directory) as monitor:
                for _ in range(count):
                    done.wait(0.02)
                    # QEMU walks the tables of a machine that stands still.
                    monitor.command("stop")
                    taken.append(monitor.mappings())
                    monitor.command("cont")
        finally:
            done.set()
            load.join(30)
        return taken


def keep_busy(client: Client, done: threading.Event) -> None:
    with client:
        while not done.is_set():
            for method in LOAD:
                client.call(method)
