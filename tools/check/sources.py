# SPDX-License-Identifier: BSD-3-Clause
"""Which files the checks look at: those of the repository, committed or about to be."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files(*suffixes: str) -> list[Path]:
    """Relative to the root, sorted. No suffix: all files."""
    argv = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    names = sorted({name for name in listing.split("\0") if name})
    # The index may name files that were removed from the working tree.
    paths = [Path(name) for name in names if (ROOT / name).is_file()]
    return [path for path in paths if not suffixes or path.suffix in suffixes]


def report(findings: Iterable[str]) -> int:
    """Prints the findings; the exit code of a check."""
    found = sorted(set(findings))
    for finding in found:
        print(finding)
    return 1 if found else 0


def finish(findings: Iterable[str]) -> None:
    sys.exit(report(findings))
