# SPDX-License-Identifier: BSD-3-Clause
"""A running machine: its process, its directory, its serial log and the way to its management plane."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lib import process
from lib.client import Client, ProtocolError, connect_within
from machines import bochs, qemu
from machines.options import Launch, Options

PREPARE: dict[str, Callable[[Options], Launch]] = {bochs.NAME: bochs.prepare, qemu.NAME: qemu.prepare}
MACHINES = tuple(PREPARE)
SERIAL_LOG = "serial.log"
TERMINAL_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class DidNotBoot(Exception):
    """The text says what happened and where to look."""


class Instance:
    def __init__(self, machine: str, options: Options, outlives_us: bool = False):
        # The machine is started in its directory.
        options = replace(options, iso=options.iso.resolve(), directory=options.directory.resolve())
        self.machine = machine
        self.options = options
        self.directory = options.directory
        self.port = options.port
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        launch = PREPARE[machine](options)
        self.started = time.time()
        self.process: subprocess.Popen = process.start(launch.argv, self.directory, launch.environment, outlives_us)
        self._screen = bochs.empty_screen(self.directory, self.running) if machine == bochs.NAME else None

    def __enter__(self) -> "Instance":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        return self.process.pid

    def running(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        # Nothing is lost with the machine: it has no disk that it writes to.
        if self.running():
            process.end(self.pid, patience_seconds=0 if self.machine == bochs.NAME else 2)
        self.process.wait()
        if self._screen is not None:
            self._screen.wait()

    # ---- the management plane ----------------------------------------------------------------------------------------

    def wait_until_ready(self, seconds: float) -> Client:
        """The first connection on which the guest answered a request."""
        deadline = time.monotonic() + seconds
        while self.running() and time.monotonic() < deadline:
            try:
                client = connect_within(self.port, min(2.0, deadline - time.monotonic()))
                client.call("system.ping")
                return client
            except (TimeoutError, OSError, ProtocolError):
                continue
        raise DidNotBoot(self.why_not_ready(seconds))

    def connect(self, seconds: float = 30.0) -> Client:
        return connect_within(self.port, seconds)

    def why_not_ready(self, seconds: float) -> str:
        if self.running():
            what = f"the guest did not answer on port {self.port} within {seconds:.0f} s"
        else:
            what = f"{self.machine} ended by itself (exit status {self.process.returncode})"
        return f"{what}\n{self.last_words()}"

    # ---- what it says on the side ------------------------------------------------------------------------------------

    def serial_text(self) -> str:
        """All that the guest wrote to its serial port, without the control sequences of the boot loader."""
        try:
            raw = (self.directory / SERIAL_LOG).read_bytes()
        except FileNotFoundError:
            return ""
        return TERMINAL_SEQUENCE.sub("", raw.decode(errors="replace"))

    def wait_for_serial(self, pattern: str, seconds: float) -> re.Match[str] | None:
        """The first match of the regular expression in the serial log; None when it does not come, or the machine
        ended without it."""
        deadline = time.monotonic() + seconds
        while True:
            was_running = self.running()
            found = re.search(pattern, self.serial_text(), re.MULTILINE)
            if found or not was_running or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def wait_for_end(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self, lines: int = 25) -> str:
        """The end of the serial log, and of what the machine itself wrote, for a person who has to find out why."""
        parts = [tail(f"serial console ({self.directory / SERIAL_LOG})", self.serial_text(), lines)]
        if self.machine == bochs.NAME:
            parts.append(tail(f"Bochs ({self.directory / bochs.LOG})", self.bochs_complaints(), 10))
        else:
            console = (self.directory / "console.log").read_text(errors="replace")
            parts.append(tail(f"QEMU ({self.directory / 'console.log'})", console, 10))
        return "\n".join(parts)

    def bochs_complaints(self) -> str:
        """Errors and panics: the letter after the time in each line of Bochs' log."""
        try:
            text = (self.directory / bochs.LOG).read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(line for line in text.splitlines() if re.match(r"\d+[ep]\[", line))


def tail(title: str, text: str, lines: int) -> str:
    last = [line for line in text.splitlines() if line.strip()][-lines:]
    return "\n".join([f"--- {title} ---", *(last or ["(nothing)"])])
