// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Adds up what VM tells run by run: how many pages the same processes share for the same reason.

#include "netmgmt/decode/positions.h"
#include "servers/protocols/vm_information.h"

#include <optional>
#include <span>
#include <vector>

namespace tessera::netmgmt {

/// A run has the place of the first process that has it; behind all runs is shared memory by identity.
[[nodiscard]] constexpr Position shared_memory_position(std::uint64_t identity) {
    return {std::uint64_t{1} << 63 | identity};
}
[[nodiscard]] constexpr bool is_shared_memory(Position position) { return position.value >> 63 != 0; }
[[nodiscard]] constexpr std::uint64_t identity_at(Position position) {
    return is_shared_memory(position) ? position.value & ~(std::uint64_t{1} << 63) : 0;
}

/// The groups of runs that one process is the first of, in the order of their first runs: the first run's place is that
/// of its group in a list, and stays so.
class SharingGroups {
public:
    /// Memory for peers is fixed. Runs of further groups are left out and told one by one.
    static constexpr std::size_t limit = 256;

    struct Group {
        protocol::vm::ProcessSet processes;
        protocol::vm::SharingReason reason;
        tessera::VirtualAddress first;
        std::uint64_t pages;
    };

    void add(const protocol::vm::SharedRunNext::Reply& run);
    void clear();

    [[nodiscard]] std::span<const Group> groups() const { return groups_; }
    /// Whether the run was added to a group.
    [[nodiscard]] bool has(const protocol::vm::SharedRunNext::Reply& run) const { return find(run) != nullptr; }
    /// Where the first run that was left out begins: behind the first run of every group.
    [[nodiscard]] std::optional<tessera::VirtualAddress> left_out() const { return left_out_; }

private:
    [[nodiscard]] const Group* find(const protocol::vm::SharedRunNext::Reply& run) const;

    std::vector<Group> groups_;
    std::optional<tessera::VirtualAddress> left_out_;
};

} // namespace tessera::netmgmt
