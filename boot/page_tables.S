// SPDX-License-Identifier: BSD-3-Clause
// The kernel's page tables, complete in the image: nothing has to be built before paging is on.
// The last top-level entry holds the kernel: two global 2 MiB pages, text read-execute and data read-write-no-execute,
// then the fixed area. The first one is the boot stage's identity mapping of 4 GiB, writable but not executable, with
// the kernel's text executable but not writable; drop_boot_mapping ends it.

#define BASE 0xffffffff80000000
#define PHYSICAL(symbol) ((symbol) - BASE)
#define PRESENT 1
#define WRITABLE 2
#define LARGE 0x80
#define GLOBAL 0x100
#define NO_EXECUTE 0x8000000000000000
#define LARGE_PAGE 0x200000

    .section .data.page_tables, "aw", @progbits
    .balign 4096
    .global tessera_root_table
tessera_root_table:
    .quad PHYSICAL(identity_directories) + (PRESENT | WRITABLE)
    .fill 510, 8, 0
    .quad PHYSICAL(kernel_directories) + (PRESENT | WRITABLE)

kernel_directories:                     // 1 GiB each; the kernel is in the last but one
    .fill 510, 8, 0
    .quad PHYSICAL(kernel_directory) + (PRESENT | WRITABLE)
    .quad 0

kernel_directory:                       // 2 MiB each
    .quad 0
    .quad 1 * LARGE_PAGE + (PRESENT | LARGE | GLOBAL)
    .quad 2 * LARGE_PAGE + (PRESENT | WRITABLE | LARGE | GLOBAL | NO_EXECUTE)
    .quad PHYSICAL(tessera_fixed_table) + (PRESENT | WRITABLE)
    .fill 508, 8, 0

    .global tessera_fixed_table
tessera_fixed_table:
    .fill 512, 8, 0

identity_directories:
    .quad PHYSICAL(identity_pages) + (PRESENT | WRITABLE)
    .quad PHYSICAL(identity_pages) + 0x1000 + (PRESENT | WRITABLE)
    .quad PHYSICAL(identity_pages) + 0x2000 + (PRESENT | WRITABLE)
    .quad PHYSICAL(identity_pages) + 0x3000 + (PRESENT | WRITABLE)
    .fill 508, 8, 0

identity_pages:
    .quad 0 * LARGE_PAGE + (PRESENT | WRITABLE | LARGE | NO_EXECUTE)
    .quad 1 * LARGE_PAGE + (PRESENT | LARGE)
    .set page, 2
    .rept 2046
    .quad page * LARGE_PAGE + (PRESENT | WRITABLE | LARGE | NO_EXECUTE)
    .set page, page + 1
    .endr

    .section .note.GNU-stack, "", @progbits
