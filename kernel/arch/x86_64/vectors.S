// SPDX-License-Identifier: BSD-3-Clause
// One stub a vector, 16 bytes each: a zero where the processor pushes no error code (SDM volume 3A, table 6-1), the
// number, the common entry.

.macro vector number, pushes_error=0
    .balign 16
    .if \pushes_error == 0
    pushq $0
    .endif
    pushq $\number
    jmp tessera_interrupt_entry
.endm

    .section .text.vectors, "ax", @progbits
    .balign 16
    .global tessera_vectors
tessera_vectors:
    vector 0            // divide error
    vector 1            // debug
    vector 2            // non-maskable interrupt
    vector 3            // breakpoint
    vector 4            // overflow
    vector 5            // bound range
    vector 6            // invalid opcode
    vector 7            // device not available
    vector 8, 1         // double fault
    vector 9
    vector 10, 1        // invalid task state
    vector 11, 1        // segment not present
    vector 12, 1        // stack segment
    vector 13, 1        // general protection
    vector 14, 1        // page fault
    vector 15
    vector 16           // x87 error
    vector 17, 1        // alignment check
    vector 18           // machine check
    vector 19           // SIMD exception
    vector 20           // virtualization
    vector 21, 1        // control protection
    vector 22
    vector 23
    vector 24
    vector 25
    vector 26
    vector 27
    vector 28
    vector 29, 1        // VMM communication
    vector 30, 1        // security
    vector 31
    .set line, 32
    .rept 32            // interrupt lines and the local APIC
    vector line
    .set line, line + 1
    .endr

    .section .note.GNU-stack, "", @progbits
