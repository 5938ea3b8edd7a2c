# SPDX-License-Identifier: BSD-3-Clause
"""From a clone to images: tools/setup, Meson, Ninja, the ISO image."""

import os
import subprocess
from pathlib import Path

from lib.stages import Stages

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TESSERA_BUILD", ROOT / "build"))
KERNEL = BUILD / "boot" / "tessera-kernel"
ARCHIVE = BUILD / "boot" / "tessera-archive.cpio"
IMAGE_TARGETS = ["boot/tessera.iso"]
CLI_TARGETS = ["tools/tess-cli/tess"]
ISO = BUILD / "boot" / "tessera.iso"
# Without this word the system is locked, and it has no keys yet that would open it.
COMMAND_LINE = "mode=open"


class Failed(Exception):
    """The text says which step failed and what to do."""


def run(argv: list[str], advice: str) -> None:
    child = subprocess.Popen(argv, cwd=ROOT)
    try:
        status = child.wait()
    except BaseException:
        # Not subprocess.run, which would kill it: Ninja has compilers of its own to end.
        child.terminate()
        child.wait()
        raise
    if status != 0:
        raise Failed(f"{Path(argv[0]).name} failed (exit status {status}). {advice}")


def set_up(stages: Stages) -> None:
    with stages.stage("setup"):
        run([str(ROOT / "tools" / "setup")], "Its messages above say what is missing.")


def configure(stages: Stages) -> None:
    if (BUILD / "build.ninja").exists():
        return
    with stages.stage("configure"):
        files = ["--cross-file", "tools/cross/tessera-x86_64.ini", "--native-file", "tools/native.ini"]
        run(["meson", "setup", str(BUILD), *files], f"Remove {BUILD} and try again.")


def build(stages: Stages, targets: list[str]) -> None:
    """`targets` as Ninja names them; none: everything."""
    with stages.stage("build"):
        run(["ninja", "-C", str(BUILD), *targets], "The first error above is the one to look at.")


def sizes() -> str:
    """The sizes that have a limit, as a table."""
    argv = [str(ROOT / "tools" / "check" / "sizes"), str(BUILD)]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.rstrip()


def make_iso(output: Path, command_line: str, kernel: Path = KERNEL, archive: Path = ARCHIVE) -> Path:
    output.parent.mkdir(parents=True, exist_ok=True)
    program = str(ROOT / "boot" / "iso" / "make-iso")
    argv = [program, str(kernel), str(archive), str(output), "--command-line", command_line]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"the ISO image could not be made: {done.stderr.strip()}")
    return output
