// SPDX-License-Identifier: BSD-3-Clause
// The grant table. The kernel may read an entry between any two writes here (the grantee runs when we are preempted):
// the kind is written last when a grant is made and first when it ends.

#include "servers/runtime/grants.h"
#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

namespace tessera::runtime {

namespace {

constexpr std::size_t first_table_entries = 16;

void store_kind(GrantEntry& entry, GrantKind kind, std::memory_order order) {
    std::atomic_ref(entry.kind).store(kind, order);
}

GrantEntry direct_terms(Endpoint grantee, GrantRights rights, std::span<const std::byte> memory) {
    return {.kind = GrantKind::direct,
            .rights = rights,
            .grantee = grantee,
            .address = reinterpret_cast<std::uint64_t>(memory.data()),
            .bytes = memory.size()};
}

} // namespace

Grant::Grant(Grant&& other) noexcept
    : table_(std::exchange(other.table_, nullptr)),
      id_(std::exchange(other.id_, GrantId{})) {}

Grant& Grant::operator=(Grant&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(id_, other.id_);
    return *this;
}

Grant::~Grant() {
    if (table_ != nullptr) table_->revoke(id_);
}

Result<Grant> GrantTable::readable(Endpoint grantee, std::span<const std::byte> memory) {
    return create(direct_terms(grantee, GrantRights::read, memory));
}

Result<Grant> GrantTable::writable(Endpoint grantee, std::span<std::byte> memory) {
    return create(direct_terms(grantee, GrantRights::write, memory));
}

Result<Grant> GrantTable::read_write(Endpoint grantee, std::span<std::byte> memory) {
    return create(direct_terms(grantee, GrantRights::read | GrantRights::write, memory));
}

Result<Grant> GrantTable::mappable(Endpoint grantee, std::span<const std::byte> memory) {
    return create(direct_terms(grantee, GrantRights::read | GrantRights::map, memory));
}

Result<Grant> GrantTable::direct(Endpoint grantee, GrantRights rights, std::span<std::byte> memory) {
    return create(direct_terms(grantee, rights, memory));
}

Result<Grant> GrantTable::indirect(Endpoint grantee, GrantRights rights, const GivenRange& previous) {
    return create({.kind = GrantKind::indirect,
                   .rights = rights,
                   .grantee = grantee,
                   .source = previous.grantor,
                   .previous = previous.grant,
                   .address = previous.offset,
                   .bytes = previous.bytes});
}

Result<Grant> GrantTable::magic(Endpoint grantee, GrantRights rights, const UserMemory& memory) {
    return create({.kind = GrantKind::magic,
                   .rights = rights,
                   .grantee = grantee,
                   .source = memory.process,
                   .address = memory.address.value,
                   .bytes = memory.bytes});
}

// Terms with any sequence: the slot's own is kept.
Result<Grant> GrantTable::create(const GrantEntry& terms) {
    if (free_.empty()) TESSERA_TRY(grow());
    const std::uint32_t index = free_.back();
    free_.pop_back();
    GrantEntry& entry = entries_[index];
    const std::uint32_t sequence = entry.sequence;
    entry = terms;
    entry.kind = GrantKind::unused;
    entry.sequence = sequence;
    store_kind(entry, terms.kind, std::memory_order_release);
    return Grant(*this, GrantId(index, sequence));
}

void GrantTable::revoke(GrantId id) {
    GrantEntry& entry = entries_[id.index()];
    store_kind(entry, GrantKind::unused, std::memory_order_seq_cst);
    ++entry.sequence;
    if (includes(entry.rights, GrantRights::map)) end_maps_(id); // nobody can make another now
    // A slot whose sequence is used up is retired: an id must never come twice.
    if (entry.sequence < GrantId::sequence_limit) free_.push_back(id.index());
}

Completion GrantTable::grow() {
    const std::size_t old_size = entries_.size();
    const std::size_t new_size =
        std::min<std::size_t>(std::max(first_table_entries, 2 * old_size), GrantId::index_limit);
    if (new_size == old_size) return Status::no_space;
    try {
        std::vector<GrantEntry> larger = entries_;
        larger.resize(new_size);
        free_.reserve(new_size);
        TESSERA_TRY(register_(larger));
        entries_.swap(larger); // the old table is freed only after the kernel knows the new one
    } catch (const std::bad_alloc&) {
        return Status::out_of_memory;
    }
    for (std::size_t index = new_size; index > old_size; --index)
        free_.push_back(static_cast<std::uint32_t>(index - 1));
    return Done{};
}

} // namespace tessera::runtime
