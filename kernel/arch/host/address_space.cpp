// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/contract/address_space.h"
#include "kernel/arch/host/machine.h"
#include <stdexcept>
#include <vector>

namespace tessera::kernel {

using host::Machine;

namespace {

arch::CopyFault fault_of(arch::CopySide side, std::optional<VirtualAddress> address) {
    return address.has_value() ? arch::CopyFault{side, *address} : arch::CopyFault{};
}

arch::CopyFault store(arch::RootEntry destination, VirtualAddress to, std::span<const std::byte> bytes) {
    Machine& machine = Machine::current();
    machine.history.emplace_back(host::UserBytesWritten{destination, to, bytes.size()});
    return fault_of(arch::CopySide::destination, machine.space(destination).store(to, bytes));
}

} // namespace

void arch::load_space(UserContext& context, std::uint32_t slot, RootEntry entry) {
    Machine::current().history.emplace_back(host::SpaceLoaded{slot, entry, host::CachedTranslations::drop});
    context.space = slot + 1;
}

void arch::resume_space(const UserContext& context) {
    if (context.space == 0) throw std::logic_error("a space was resumed that was never loaded");
    const auto slot = static_cast<std::uint32_t>(context.space - 1);
    Machine::current().history.emplace_back(
        host::SpaceLoaded{slot, arch::root_entry(slot), host::CachedTranslations::keep});
}

void arch::map_root_entries(PhysicalAddress page) {
    Machine::current().root_entries = page;
    Machine::current().root_entries_mapped = true;
}

arch::RootEntry arch::root_entry(std::uint32_t slot) {
    Machine& machine = Machine::current();
    if (!machine.root_entries_mapped) throw std::logic_error("root entries were read before they were mapped");
    return machine.root_page(machine.root_entries).at(slot);
}

// As `rep movs` does it, a fault leaves done what was before it: on the source side that is known only page by page, so
// bytes are moved in pieces that end where a page of the source ends.
arch::CopyFault arch::copy_between(RootEntry source, VirtualAddress from, RootEntry destination, VirtualAddress to,
                                   std::uint64_t bytes) {
    std::array<std::byte, page_bytes> buffer;
    for (std::uint64_t done = 0; done < bytes;) {
        const VirtualAddress address = from + done;
        const std::uint64_t room = page_bytes - address.page_offset();
        const std::span piece = std::span(buffer).first(room < bytes - done ? room : bytes - done);
        const auto missing = Machine::current().space(source).load(address, piece);
        if (missing.has_value()) return {CopySide::source, *missing};
        const CopyFault fault = store(destination, to + done, piece);
        if (fault.occurred()) return fault;
        done += piece.size();
    }
    return {};
}

arch::CopyFault arch::copy_in(RootEntry source, VirtualAddress from, void* to, std::uint64_t bytes) {
    const std::span target(static_cast<std::byte*>(to), bytes);
    return fault_of(CopySide::source, Machine::current().space(source).load(from, target));
}

arch::CopyFault arch::copy_out(const void* from, RootEntry destination, VirtualAddress to, std::uint64_t bytes) {
    return store(destination, to, {static_cast<const std::byte*>(from), bytes});
}

arch::CopyFault arch::fill(RootEntry destination, VirtualAddress to, std::byte value, std::uint64_t bytes) {
    return store(destination, to, std::vector(bytes, value));
}

void arch::count_up(RootEntry destination, VirtualAddress word) {
    std::uint64_t value = 0;
    const std::span bytes = std::as_writable_bytes(std::span(&value, 1));
    if (Machine::current().space(destination).load(word, bytes).has_value()) return;
    ++value;
    (void)Machine::current().space(destination).store(word, bytes);
}

} // namespace tessera::kernel
