#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turns the function symbols of the first kernel link into an assembler file for the second.

usage: make-symbols.py NM KERNEL OUTPUT
"""

import subprocess
import sys

KERNEL_BASE = 0xFFFFFFFF80000000


def functions(nm, kernel):
    listing = subprocess.run([nm, "--demangle", "--defined-only", kernel], check=True, capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        address, kind, name = line.split(" ", 2)
        if kind in "tT" and int(address, 16) >= KERNEL_BASE:
            short = name.split("(")[0].replace("tessera::kernel::", "").replace('"', "").replace("\\", "")
            yield int(address, 16) - KERNEL_BASE, short[:80]


def main():
    nm, kernel, output = sys.argv[1:]
    table = sorted(dict(functions(nm, kernel)).items())
    with open(output, "w") as out:
        out.write('    .section .symbols, "a", @progbits\n    .balign 8\n')
        out.write("    .global tessera_symbol_count, tessera_symbols, tessera_symbol_names\n")
        out.write(f"tessera_symbol_count: .quad {len(table)}\ntessera_symbols:\n")
        offset = 0
        for address, name in table:
            out.write(f"    .long {address:#x}, {offset}\n")
            offset += len(name.encode()) + 1
        out.write("tessera_symbol_names:\n")
        for _, name in table:
            out.write(f'    .asciz "{name}"\n')
        out.write('    .section .note.GNU-stack, "", @progbits\n')


main()
