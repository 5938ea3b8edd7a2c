# SPDX-License-Identifier: BSD-3-Clause
"""What tools/run --detach left running: one file a port, build/run/PORT.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lib import process


@dataclass(frozen=True)
class Running:
    pid: int
    port: int
    machine: str
    started: str  # ISO 8601
    directory: str
    process_start: int  # with the pid it names the process for good

    def alive(self) -> bool:
        return process.start_time(self.pid) == self.process_start


def state_file(folder: Path, port: int) -> Path:
    return folder / f"{port}.json"


def write(folder: Path, running: Running) -> None:
    file = state_file(folder, running.port)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(running), indent=2) + "\n")
    partial.replace(file)


def read_all(folder: Path) -> list[Running]:
    """What is running now. Files of systems that ended are removed on the way."""
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            running = Running(**json.loads(file.read_text()))
        except (ValueError, TypeError, OSError):
            running = None
        if running is not None and running.alive():
            found.append(running)
        else:
            file.unlink(missing_ok=True)
    return found


def stop(folder: Path, running: Running) -> None:
    if running.alive():
        process.end(running.pid, patience_seconds=2)
    state_file(folder, running.port).unlink(missing_ok=True)
