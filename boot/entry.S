// SPDX-License-Identifier: BSD-3-Clause
// Multiboot2 entry: from the loader's 32-bit protected mode to boot_main in long mode. Multiboot2 specification 2.0,
// 3.1 and 3.3; Intel SDM volume 3A, 9.8.5. Page tables: page_tables.S.

#define BASE 0xffffffff80000000
#define PHYSICAL(symbol) ((symbol) - BASE)

    .section .multiboot, "a", @progbits
    .balign 8
header:
    .long 0xe85250d6                    // magic
    .long 0                             // i386 protected mode
    .long header_end - header
    .long -(0xe85250d6 + 0 + (header_end - header))
    .balign 8
    .short 3, 0                         // entry address: physical
    .long 12
    .long PHYSICAL(tessera_start)
    .balign 8
    .short 6, 0                         // modules on page boundaries
    .long 8
    .balign 8
    .short 0, 0
    .long 8
header_end:

    .section .text.start, "ax", @progbits
    .code32
    .global tessera_start
tessera_start:
    cli
    cld
    movl $PHYSICAL(boot_stack_top), %esp
    movl %eax, %ebp                     // magic; EBX: the loader's information

    movl $0x80000000, %eax              // long mode (EDX bit 29) and NX (bit 20) are required
    pushl %ebx
    cpuid
    cmpl $0x80000001, %eax
    jb unsupported
    movl $0x80000001, %eax
    cpuid
    popl %ebx
    andl $(1 << 29 | 1 << 20), %edx
    cmpl $(1 << 29 | 1 << 20), %edx
    jne unsupported

    movl %cr4, %eax
    orl $(1 << 5 | 1 << 7), %eax        // PAE, global pages
    movl %eax, %cr4
    movl $PHYSICAL(tessera_root_table), %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx              // EFER: long mode, NX
    rdmsr
    orl $(1 << 8 | 1 << 11), %eax
    wrmsr
    movl %cr0, %eax
    orl $(1 << 31 | 1 << 16), %eax      // paging, write protection
    movl %eax, %cr0
    lgdt PHYSICAL(boot_segment_pointer)
    ljmp $8, $PHYSICAL(start64)

unsupported:                            // "Tessera needs ..." on COM1, as far as the loader left it usable
    movl $PHYSICAL(unsupported_text), %esi
1:  lodsb
    testb %al, %al
    jz 2f
    movw $0x3f8, %dx
    outb %al, %dx
    jmp 1b
2:  hlt
    jmp 2b

    .code64
start64:
    movabsq $start_high, %rax
    jmp *%rax
start_high:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl $16, %eax
    movl %eax, %ss
    movabsq $boot_stack_top, %rsp
    movl %ebp, %edi
    movl %ebx, %esi
    xorl %ebp, %ebp
    call tessera_boot_main
    ud2

    .section .rodata.start, "a", @progbits
unsupported_text:
    .asciz "Tessera needs a 64-bit x86 processor with the no-execute bit.\r\n"
    .balign 8
boot_segments:
    .quad 0
    .quad 0x00af9b000000ffff            // 64-bit code
    .quad 0x00cf93000000ffff            // data
boot_segment_pointer:
    .short boot_segment_pointer - boot_segments - 1
    .long PHYSICAL(boot_segments)

    .section .bss.boot_stack, "aw", @nobits
    .balign 16
    .skip 32768
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
