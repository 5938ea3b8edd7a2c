# SPDX-License-Identifier: BSD-3-Clause
"""Child processes that never outlive their use."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

SET_PARENT_DEATH_SIGNAL = 1  # prctl(2), PR_SET_PDEATHSIG


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def start(argv: list[str], directory: Path, environment: dict[str, str], outlives_parent: bool) -> subprocess.Popen:
    """Starts a program in a session of its own (a Ctrl-C at the terminal is for us, not for it), with nothing to read
    and its output in console.log. Unless it is to outlive us, the kernel kills it when we end, however we end."""
    with open(directory / "console.log", "wb") as output:
        return subprocess.Popen(
            argv,
            cwd=directory,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=None if outlives_parent else _die_with_parent,
        )


def start_time(pid: int) -> int | None:
    """When the process was started, in the kernel's ticks; with the pid it names a process for good. None: no such
    process, or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])  # proc(5): fields 3 and 22


def end(pid: int, patience_seconds: float) -> None:
    """Asks the process to end, then kills it. Bochs ignores the question."""
    started = start_time(pid)
    if started is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    while start_time(pid) == started:
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            deadline += 5
        time.sleep(0.02)
