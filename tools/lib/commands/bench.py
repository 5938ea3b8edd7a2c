# SPDX-License-Identifier: BSD-3-Clause
"""tools/bench: measures Tessera in guest instructions. Usage: tools/bench --help."""

import argparse
import fnmatch
import subprocess
import sys
import tempfile
from pathlib import Path

from lib import building, measuring
from lib.instance import MACHINES, DidNotBoot
from lib.measuring import Figures
from lib.stages import Stages


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False, usage="tools/bench --help")
    parser.add_argument("--on", choices=MACHINES, default="qemu")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--compare", type=Path)
    return parser.parse_args()


def commit() -> str:
    argv = ["git", "-C", str(building.ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def table(figures: Figures, earlier: Figures) -> str:
    head = ("figure", "min", "median", "count", "unit", "change")
    rows = [head]
    for name, figure in sorted(figures.items()):
        numbers = [f"{value:,}" for value in (figure.min, figure.median, figure.count)]
        rows.append((name, *numbers, figure.unit, change(figure.median, earlier.get(name))))
    if not earlier:
        rows = [row[:-1] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell(row, column, widths) for column in range(len(row))).rstrip() for row in rows)


def cell(row: tuple[str, ...], column: int, widths: list[int]) -> str:
    numeric = column in (1, 2, 3, 5)
    return row[column].rjust(widths[column]) if numeric else row[column].ljust(widths[column])


def change(median: int, earlier: measuring.Figure | None) -> str:
    if earlier is None:
        return "new"
    if earlier.median == 0:
        return "same" if median == 0 else "was 0"
    return f"{100 * (median - earlier.median) / earlier.median:+.1f} %"


def bench(arguments: argparse.Namespace) -> int:
    earlier = measuring.from_json(arguments.compare.read_text()) if arguments.compare else {}
    stages = Stages()
    building.set_up(stages)
    building.configure(stages)
    building.build(stages, building.IMAGE_TARGETS)
    with tempfile.TemporaryDirectory(prefix="tessera-bench-") as scratch, stages.stage(f"measure on {arguments.on}"):
        figures = measuring.measure(arguments.on, building.KERNEL, building.ARCHIVE, Path(scratch))
    if arguments.only:
        figures = {n: f for n, f in figures.items() if any(fnmatch.fnmatch(n, glob) for glob in arguments.only)}
    print(table(figures, earlier))
    if arguments.json:
        arguments.json.write_text(measuring.to_json(figures, arguments.on, commit()))
    return 0


def main() -> int:
    arguments = parse()
    try:
        return bench(arguments)
    except (building.Failed, DidNotBoot, OSError, ValueError) as error:
        print(f"bench: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
