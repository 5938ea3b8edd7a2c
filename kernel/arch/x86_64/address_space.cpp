// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/address_space.h"
#include "kernel/arch/contract/address_space.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/entry.h"
#include "kernel/arch/x86_64/page_entry.h"
#include "kernel/arch/x86_64/registers.h"
#include "kernel/core/limits.h"

// Made by the assembler in boot/page_tables.S.
extern "C" tessera::kernel::x86_64::PageTable tessera_root_table, tessera_fixed_table;

namespace tessera::kernel {

namespace {

using namespace x86_64;

constexpr std::uint64_t user_slot = 0;
constexpr std::uint64_t kernel_slot = 511;
constexpr std::uint64_t keep_translations = 1ull << 63; // CR3 with PCID: SDM volume 3A, 4.10.4.1

// A root table for each process slot, not one whose user entry changes: a processor that walks tables ahead of time
// must never find one process's entry under another's context.
alignas(page_bytes) PageTable root_tables[process_limit];

alignas(page_bytes) std::byte stack_memory[kernel_stack_bytes];
alignas(page_bytes) std::byte fault_stack_memory[page_bytes];

std::uint64_t* loaded_root_table() {
    return reinterpret_cast<std::uint64_t*>(kernel_base + (read_cr3() & ~(page_bytes - 1)));
}

// A window lets the kernel see another space: without the user bit (SMAP does not apply) and never executable.
std::uint64_t install_window(std::uint64_t slot, arch::RootEntry entry) {
    loaded_root_table()[slot] = (entry.raw & ~page_bits::user) | page_bits::no_execute;
    return slot_address(slot);
}

// Translations of an earlier use of the window may be cached under this context. INVLPG also drops the cached upper
// levels (SDM volume 3A, 4.10.4.1), so that one for each page to be touched is all that is needed.
void forget_pages(std::uint64_t begin, std::uint64_t bytes) {
    for (std::uint64_t page = begin & ~(page_bytes - 1); page < begin + bytes; page += page_bytes)
        invalidate_page(page);
}

arch::CopyFault copy_fault(std::uint64_t fault) {
    if (fault == 0) return {};
    const bool source = fault < slot_address(window_slot_destination);
    const std::uint64_t base = slot_address(source ? window_slot_source : window_slot_destination);
    return {source ? arch::CopySide::source : arch::CopySide::destination, {fault - base}};
}

arch::CopyFault run_copy(std::uint64_t to, std::uint64_t from, std::uint64_t bytes) {
    return copy_fault(tessera_copy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes));
}

} // namespace

namespace x86_64 {

void map_fixed(FixedPage page, PhysicalAddress frame, FixedAccess access) {
    std::uint64_t entry = frame.value | page_bits::present | page_bits::global | page_bits::no_execute;
    if (access != FixedAccess::read_only) entry |= page_bits::writable;
    if (access == FixedAccess::device) entry |= page_bits::write_through | page_bits::cache_disable;
    tessera_fixed_table[static_cast<std::uint64_t>(page)] = entry;
    invalidate_page(fixed_address(page));
}

void map_stacks() {
    const PhysicalAddress stack = kernel_physical(stack_memory);
    for (std::uint64_t i = 0; i < kernel_stack_bytes / page_bytes; ++i)
        map_fixed(static_cast<FixedPage>(static_cast<std::uint64_t>(FixedPage::stack) + i), stack + i * page_bytes,
                  FixedAccess::read_write);
    map_fixed(FixedPage::double_fault_stack, kernel_physical(fault_stack_memory), FixedAccess::read_write);
}

void drop_boot_mapping() {
    tessera_root_table[user_slot] = 0;
    write_cr3(read_cr3());
}

} // namespace x86_64

void arch::load_space(UserContext& context, std::uint32_t slot, RootEntry entry) {
    PageTable& table = root_tables[slot];
    table[kernel_slot] = tessera_root_table[kernel_slot];
    table[user_slot] = entry.raw;
    context.space = kernel_physical(table).value;
    if (!this_cpu().features.process_context_ids) return write_cr3(context.space);
    context.space |= (slot + 1) | keep_translations; // context 0 is the boot's
    write_cr3(context.space & ~keep_translations);
}

void arch::resume_space(const UserContext& context) { write_cr3(context.space); }

void arch::map_root_entries(PhysicalAddress page) { map_fixed(FixedPage::root_entries, page, FixedAccess::read_only); }

arch::RootEntry arch::root_entry(std::uint32_t slot) {
    const auto* entries = reinterpret_cast<const volatile std::uint64_t*>(fixed_address(FixedPage::root_entries));
    return {entries[slot]};
}

arch::CopyFault arch::copy_between(RootEntry source, VirtualAddress from, RootEntry destination, VirtualAddress to,
                                   std::uint64_t bytes) {
    const std::uint64_t source_address = install_window(window_slot_source, source) + from.value;
    const std::uint64_t destination_address = install_window(window_slot_destination, destination) + to.value;
    forget_pages(source_address, bytes);
    forget_pages(destination_address, bytes);
    return run_copy(destination_address, source_address, bytes);
}

arch::CopyFault arch::copy_in(RootEntry source, VirtualAddress from, void* to, std::uint64_t bytes) {
    const std::uint64_t source_address = install_window(window_slot_source, source) + from.value;
    forget_pages(source_address, bytes);
    return run_copy(reinterpret_cast<std::uint64_t>(to), source_address, bytes);
}

arch::CopyFault arch::copy_out(const void* from, RootEntry destination, VirtualAddress to, std::uint64_t bytes) {
    const std::uint64_t destination_address = install_window(window_slot_destination, destination) + to.value;
    forget_pages(destination_address, bytes);
    return run_copy(destination_address, reinterpret_cast<std::uint64_t>(from), bytes);
}

arch::CopyFault arch::fill(RootEntry destination, VirtualAddress to, std::byte value, std::uint64_t bytes) {
    const std::uint64_t address = install_window(window_slot_destination, destination) + to.value;
    forget_pages(address, bytes);
    return copy_fault(tessera_fill(reinterpret_cast<void*>(address), static_cast<std::uint64_t>(value), bytes));
}

void arch::count_up(RootEntry destination, VirtualAddress word) {
    const std::uint64_t address = install_window(window_slot_destination, destination) + word.value;
    invalidate_page(address);
    (void)tessera_count_up(reinterpret_cast<void*>(address));
}

} // namespace tessera::kernel
