# SPDX-License-Identifier: BSD-3-Clause
"""tools/plot: draws the figures of tools/bench. Usage: tools/plot --help."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from lib import measuring
from lib.measuring import Figures

PAGE = 4096
UNITS = {"k": 1024, "m": 1024 * 1024}
TERMINALS = {".svg": "svg size 900,600 font 'sans,14' background '#ffffff'", ".png": "pngcairo size 900,600"}
# Figure, suffix, what the line is called, its style.
CURVES = [
    ("safecopy.cow", ".touched", "shared copy, then each page written to", "lc rgb '#d55e00' dt 2"),
    ("safecopy.fresh", "", "copy to memory that nobody touched", "lc rgb '#0072b2' dt 2"),
    ("safecopy", "", "copy to memory that is there", "lc rgb '#0072b2'"),
    ("safemap", "", "map", "lc rgb '#009e73'"),
    ("safecopy.cow", "", "shared copy", "lc rgb '#d55e00'"),
]


def size_of(name: str) -> int:
    return int(name[:-1]) * UNITS[name[-1]] if name[-1:] in UNITS and name[:-1].isdigit() else 0


def points(figures: Figures, figure: str, suffix: str) -> list[tuple[int, float]]:
    """Bytes, and instructions a page."""
    found = []
    for name, values in figures.items():
        if not name.startswith(f"{figure}.") or not name.endswith(suffix):
            continue
        size = size_of(name[len(figure) + 1 : len(name) - len(suffix)])
        if size >= PAGE:
            found.append((size, values.median * PAGE / size))
    return sorted(found)


def script(figures: Figures, output: Path) -> str:
    lines = [
        f"set terminal {TERMINALS[output.suffix]}",
        f"set output '{output}'",
        "set title 'Memory of another process: instructions a page'",
        "set logscale xy",
        "set xlabel 'KiB'",
        "set xtics (4, 16, 64, 256, 1024, 4096)",
        "set xrange [3.4:4800]",
        "set yrange [50:5000]",
        "set ytics (50, 100, 200, 500, 1000, 2000, 5000)",
        "set grid",
        "set key outside bottom center vertical maxrows 5 Left reverse",
    ]
    for index, (figure, suffix, _, _) in enumerate(CURVES):
        data = "\n".join(f"{size / 1024} {value}" for size, value in points(figures, figure, suffix))
        lines.append(f"$curve{index} << END\n{data}\nEND")
    curves = [
        f"$curve{index} with linespoints lw 2 pt 7 ps 0.6 {style} title '{title}'"
        for index, (_, _, title, style) in enumerate(CURVES)
    ]
    return "\n".join([*lines, "plot " + ", \\\n    ".join(curves)]) + "\n"


def tidy(picture: Path) -> None:
    """gnuplot leaves blanks at the ends of lines."""
    picture.write_text("\n".join(line.rstrip() for line in picture.read_text().splitlines()) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False, usage="tools/plot --help")
    parser.add_argument("figures", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    if arguments.output.suffix not in TERMINALS:
        parser.error(f"the picture's name ends in one of {', '.join(TERMINALS)}")
    gnuplot = shutil.which("gnuplot")
    try:
        if gnuplot is None:
            raise FileNotFoundError("no gnuplot here: apt-get install gnuplot-nox")
        figures = measuring.from_json(arguments.figures.read_text())
        subprocess.run([gnuplot], input=script(figures, arguments.output), text=True, check=True)
        if arguments.output.suffix == ".svg":
            tidy(arguments.output)
    except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
        print(f"plot: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
