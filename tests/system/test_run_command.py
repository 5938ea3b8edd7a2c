# SPDX-License-Identifier: BSD-3-Clause
"""tools/run and tools/tess as a person types them."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from lib import building, ports, process
from support.context import SystemTest

RUN = str(building.ROOT / "tools" / "run")
TESS = str(building.ROOT / "tools" / "tess")
STATE = building.BUILD / "run"
SECONDS = 300


class RunCommand(SystemTest):
    def run_tessera(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([RUN, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False)

    def detach(self) -> int:
        port = ports.free_port()
        self.addCleanup(self.run_tessera, "--stop", "--port", str(port))
        done = self.run_tessera("--on", self.context.machine, "--detach", "--port", str(port))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return port

    def state(self, port: int) -> dict[str, object]:
        return json.loads((STATE / f"{port}.json").read_text())

    def test_detach_look_and_stop(self) -> None:
        port = self.detach()
        state = self.state(port)
        self.assertEqual((port, self.context.machine), (state["port"], state["machine"]))
        listing = subprocess.run(
            f"'{TESS}' --port {port} ps --json | jq -r '.items[].name'",
            shell=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        self.assertIn("netmgmt", listing.stdout.split())
        refused = self.run_tessera("--port", str(port))
        self.assertEqual(1, refused.returncode)
        self.assertIn(f"port {port} is in use", refused.stderr)
        stopped = self.run_tessera("--stop", "--port", str(port))
        self.assertEqual(0, stopped.returncode, stopped.stderr)
        self.assertIsNone(process.start_time(int(str(state["pid"]))))
        self.assertFalse((STATE / f"{port}.json").exists())

    def test_for_a_time(self) -> None:
        port = ports.free_port()
        done = self.run_tessera("--on", self.context.machine, "--port", str(port), "--for", "1")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        for view in ("vm", "ds", "ps"):
            self.assertIn(f"--port {port} {view}", done.stdout)
        self.assertRegex(done.stdout, r"boot on \w+ to first JSON reply +\d+\.\d s")
        self.assertTrue(ports.is_free(port))

    def test_interrupt_ends_the_machine(self) -> None:
        port = ports.free_port()
        # A shell starts what runs in the background with the signal ignored, and that is inherited.
        command = subprocess.Popen(
            [RUN, "--on", self.context.machine, "--port", str(port)],
            stdout=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.addCleanup(command.stdout.close)
        self.addCleanup(command.kill)
        machine = self.wait_for_pid(port)
        os.kill(command.pid, signal.SIGINT)
        command.wait(60)
        self.assertIsNone(process.start_time(machine))
        self.assertTrue(ports.is_free(port))

    def test_killed_without_warning_leaves_no_machine(self) -> None:
        port = ports.free_port()
        command = subprocess.Popen([RUN, "--on", self.context.machine, "--port", str(port)], stdout=subprocess.PIPE)
        self.addCleanup(command.stdout.close)
        machine = self.wait_for_pid(port)
        command.kill()
        command.wait(60)
        deadline = time.monotonic() + 10
        while process.start_time(machine) is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertIsNone(process.start_time(machine))

    def wait_for_pid(self, port: int) -> int:
        deadline = time.monotonic() + SECONDS
        file: Path = STATE / f"{port}.json"
        while time.monotonic() < deadline:
            if file.exists():
                return int(json.loads(file.read_text())["pid"])
            time.sleep(0.05)
        self.fail("tools/run started no machine")

    def test_port_in_use(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            done = self.run_tessera("--port", str(port))
        self.assertEqual(1, done.returncode)
        self.assertIn(f"port {port} of 127.0.0.1 is in use", done.stderr)
        self.assertNotIn("build", done.stderr)

    def test_bad_arguments(self) -> None:
        for arguments in (["--memory", "32"], ["--on", "pdp11"], ["--port", "0"], ["--for", "-1"], ["--no-such"]):
            with self.subTest(arguments=arguments):
                done = self.run_tessera(*arguments)
                self.assertEqual(2, done.returncode, done.stderr)
                self.assertIn("tools/run --help", done.stderr)
