# SPDX-License-Identifier: BSD-3-Clause
"""Bad Ethernet frames on the guest's network: the driver and the network server take none of them amiss."""

import random
import time

from lib import ports
from support.context import FramePorts, LiveSystemTest, only_on
from support.frames import FrameInjector, FrameWatcher, random_frame

FRAMES_BETWEEN_PINGS = 250
# What the driver's ring holds in one go; more at a time would be dropped by the card and test nothing.
BURST = 16
ARP, ARP_REPLY = b"\x08\x06", b"\x00\x02"


@only_on("qemu", "Bochs has no second way into the guest's network")
class Frames(LiveSystemTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.frame_ports = FramePorts(inject=ports.free_port(), watch=ports.free_port())
        cls.options = {"frames": cls.frame_ports}
        super().setUpClass()
        # One for all tests: once its peer is gone, QEMU's filter-redirector listens to no other.
        cls.wire = FrameInjector(cls.frame_ports)
        cls.addClassCleanup(cls.wire.close)

    def test_random_frames(self) -> None:
        rng = random.Random(self.context.seed)
        count = 100_000 if self.context.long else 10_000
        before = self.restarts()
        received_before = self.interrupts()
        for number in range(1, count + 1):
            self.wire.send(random_frame(rng))
            if number % BURST == 0:
                time.sleep(0.002)
            if number % FRAMES_BETWEEN_PINGS == 0:
                self.client.call("system.ping")
        self.assertEqual(before, self.restarts())
        self.assertGreater(self.interrupts(), received_before, "no frame arrived")

    def test_guest_answers_arp(self) -> None:
        """Frames sent this way do arrive."""
        question = bytes.fromhex("ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000263")
        question += bytes(6) + bytes([10, 0, 2, 15])
        with FrameWatcher(self.frame_ports) as guest:
            self.wire.send(question)
            while True:  # the watcher has a time limit
                answer = guest.receive()
                if answer[12:14] == ARP and answer[20:22] == ARP_REPLY:
                    return

    def interrupts(self) -> int:
        return int(self.client.call("kernel.counters")["interrupts"])

    def restarts(self) -> dict[str, int]:
        return {item["label"]: item["restarts"] for item in self.client.items("service.list")}
