# SPDX-License-Identifier: BSD-3-Clause
"""tools/symbolise: source places for the addresses in a serial log. Usage: tools/symbolise --help."""

import argparse
import sys
from pathlib import Path

from lib import building, symbols

KERNEL = building.BUILD / "kernel" / "tessera-kernel"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False, usage="tools/symbolise --help")
    parser.add_argument("--kernel", type=Path, default=KERNEL)
    parser.add_argument("log", nargs="?", type=Path)
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    if not arguments.kernel.is_file():
        print(f"symbolise: error: no kernel at {arguments.kernel}; ninja -C build makes it", file=sys.stderr)
        return 1
    raw = arguments.log.read_bytes() if arguments.log else sys.stdin.buffer.read()
    lines = raw.decode(errors="replace").replace("\r", "").splitlines()

    def executable_of(program: str) -> Path | None:
        return arguments.kernel if program == symbols.KERNEL else symbols.program_in(building.BUILD, program)

    for line in symbols.symbolised(lines, executable_of):
        print(line)
    if foreign := symbols.foreign_build(lines, arguments.kernel):
        print(f"symbolise: warning: the log is of build {foreign}, the kernel is another one", file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, symbols.subprocess.CalledProcessError) as error:
        print(f"symbolise: error: {error}", file=sys.stderr)
        sys.exit(1)
