// SPDX-License-Identifier: BSD-3-Clause
// The symbol table of the first link: empty.
    .section .symbols, "a", @progbits
    .balign 8
    .global tessera_symbol_count, tessera_symbols, tessera_symbol_names
tessera_symbol_count:
tessera_symbols:
    .quad 0
tessera_symbol_names:
    .byte 0
    .section .note.GNU-stack, "", @progbits
