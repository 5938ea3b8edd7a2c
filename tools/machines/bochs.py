# SPDX-License-Identifier: BSD-3-Clause
"""Bochs 2.7, the reference machine. Why each setting is as it is: docs/running.md."""

import os
import re
import subprocess
import time
import tty
from collections.abc import Callable
from pathlib import Path

from machines.options import GUEST_PORT, MAC_ADDRESS, CannotDo, Firmware, Launch, Medium, OnReboot, Options, Pace

NAME = "bochs"
LOG = "bochs.log"
SHUTDOWN_MARK = "Shutdown port: shutdown requested"

INSTRUCTIONS_PER_SECOND = {Pace.INTERACTIVE: 100_000_000, Pace.EXACT: 1_000_000_000, Pace.SIMULATED: 1_000_000_000}

CONFIGURATION = """\
# Written by tools/machines/bochs.py; docs/running.md explains it.
cpu: model=broadwell_ult, count=1, ips={ips}, reset_on_triple_fault=0
memory: guest={memory}, host={memory}
romimage: file=$BXSHARE/BIOS-bochs-latest, options=fastboot
vgaromimage: file=$BXSHARE/VGABIOS-lgpl-latest
pci: enabled=1, chipset=i440fx, slot2=e1000
clock: sync=slowdown, time0=utc
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: {medium}
ata1: enabled=0
boot: {boot}
e1000: enabled=1, mac={mac}, ethmod=slirp, script=slirp.conf
com1: enabled=1, mode=file, dev=serial.log
com2: enabled=1, mode=null
port_e9_hack: enabled=1
display_library: term
plugin_ctrl: unmapped=1, biosdev=1, iodebug=1, serial=1, speaker=0, parallel=0, gameport=0
log: {log}
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
"""

# The first line is what Bochs knows the file by.
NETWORK = """\
# slirp config
hostfwd = tcp:127.0.0.1:{port}-:{guest_port}
"""

MEDIA = {
    Medium.DISK: ('type=disk, mode=volatile, path="{iso}"', "disk"),
    Medium.CD: ('type=cdrom, status=inserted, path="{iso}"', "cdrom"),
}


def prepare(options: Options) -> Launch:
    if options.firmware is not Firmware.BIOS:
        raise CannotDo("Bochs has no UEFI firmware")
    if options.frames is not None:
        raise CannotDo("Bochs has no second way into the guest's network")
    if options.on_reboot is not OnReboot.RESET:
        pass  # Bochs always resets; a triple fault ends it (reset_on_triple_fault=0)
    medium, boot = MEDIA[options.medium or Medium.DISK]
    (options.directory / "bochsrc").write_text(
        CONFIGURATION.format(
            ips=INSTRUCTIONS_PER_SECOND[options.pace],
            memory=options.memory_mib,
            medium=medium.format(iso=options.iso),
            boot=boot,
            mac=MAC_ADDRESS,
            log=LOG,
        )
    )
    (options.directory / "slirp.conf").write_text(NETWORK.format(port=options.port, guest_port=GUEST_PORT))
    # Debian's Bochs has its debugger compiled in: tell it to continue.
    (options.directory / "debugger.rc").write_text("c\n")
    # The display wants a kind of terminal, not a terminal.
    return Launch(["bochs", "-q", "-f", "bochsrc", "-rc", "debugger.rc"], {"TERM": "vt100"})


SCREEN = re.compile(r'Bochs connected to screen "(/dev/pts/\d+)"')
SCREEN_SECONDS = 10


def empty_screen(directory: Path, running: Callable[[], bool]) -> subprocess.Popen | None:
    """Bochs shows its screen on a pseudo-terminal of its own, and blocks when nobody reads from that. Starts who does:
    it ends with Bochs, when nothing can come any more. None when Bochs ended first."""
    deadline = time.monotonic() + SCREEN_SECONDS
    while running() and time.monotonic() < deadline:
        found = SCREEN.search((directory / "console.log").read_text(errors="replace"))
        if found is None:
            time.sleep(0.02)
            continue
        with open(found[1], "rb", buffering=0, opener=lambda path, _: os.open(path, os.O_RDWR | os.O_NOCTTY)) as screen:
            tty.setraw(screen)  # no echo: that would be keys for Bochs
            return subprocess.Popen(
                ["cat"], stdin=screen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
    return None
