// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Memory grants: one process lets another read or write a range of its memory. The table is an array of GrantEntry in
// the grantor's own memory, registered once with grant_table_set; granting and revoking are plain memory writes. The
// kernel copies one entry in for each check and trusts nothing in it.
//
// An indirect grant passes on (a part of) a grant that its grantor was given: the memory stays that of the first
// grantor, and each grant on the way can narrow rights and range. A magic grant is one of another process's memory, for
// servers that act for user processes.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/strong.h"
#include <array>
#include <compare>
#include <cstdint>

namespace tessera {

// Index + sequence. The sequence of a slot moves on at each revocation, so that an old id is refused; a slot whose
// sequence is used up is retired and never used again. 0 is no grant.
class GrantId {
public:
    static constexpr std::uint32_t index_bits = 14;
    static constexpr std::uint32_t index_limit = 1u << index_bits;
    static constexpr std::uint32_t sequence_limit = 1u << (32 - index_bits);

    constexpr GrantId() = default;
    constexpr GrantId(std::uint32_t index, std::uint32_t sequence) : value_(sequence << index_bits | index) {}
    static constexpr GrantId from_value(std::uint32_t value) {
        GrantId id;
        id.value_ = value;
        return id;
    }
    constexpr std::uint32_t value() const { return value_; }
    constexpr std::uint32_t index() const { return value_ & (index_limit - 1); }
    constexpr std::uint32_t sequence() const { return value_ >> index_bits; } // first is 1
    constexpr bool valid() const { return value_ != 0; }
    constexpr auto operator<=>(const GrantId&) const = default;

private:
    std::uint32_t value_ = 0;
};

enum class GrantKind : std::uint16_t { unused = 0, direct = 1, indirect = 2, magic = 3 };

// read, write: by copies. map: the grantee may map the memory, with what else the grant gives. try_only: a copy that
// finds a page of the memory missing answers bad_address at once and is counted in soft_faults, instead of waiting for
// VM: for grantees that VM or the grantor may be waiting for.
enum class GrantRights : std::uint16_t { none = 0, read = 1, write = 2, map = 4, try_only = 8 };
constexpr GrantRights operator|(GrantRights a, GrantRights b) {
    return static_cast<GrantRights>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
constexpr GrantRights operator&(GrantRights a, GrantRights b) {
    return static_cast<GrantRights>(static_cast<std::uint16_t>(a) & static_cast<std::uint16_t>(b));
}
constexpr bool includes(GrantRights have, GrantRights need) {
    return (static_cast<std::uint16_t>(have) & static_cast<std::uint16_t>(need)) == static_cast<std::uint16_t>(need);
}

struct GrantEntry {
    GrantKind kind = GrantKind::unused;
    GrantRights rights = GrantRights::none;
    std::uint32_t sequence = 1;
    Endpoint grantee; // may be endpoints::any
    Endpoint source;  // indirect: the grantor of `previous`; magic: the process whose memory it is
    GrantId previous; // indirect only
    std::uint32_t reserved = 0;
    std::uint64_t address = 0; // direct, magic: first byte; indirect: offset into the previous grant
    std::uint64_t bytes = 0;
    // Counted by the kernel, when it can write to the page of the entry without waiting.
    std::uint64_t uses = 0;        // copies and maps that it allowed
    std::uint64_t soft_faults = 0; // copies with try_only that found memory missing
};
static_assert(sizeof(GrantEntry) == 56);

enum class CopyDirection : std::uint16_t { from_grant = 0, to_grant = 1 };

inline constexpr std::uint32_t indirect_hop_limit = 5; // indirect grants in a row

// One grant of a chain.
struct GrantHop {
    Endpoint grantor;
    GrantId grant;
    constexpr auto operator<=>(const GrantHop&) const = default;
};

// Where a grant leads: the grants on the way, the one that was used first, and whose memory it is at last.
struct GrantPath {
    std::array<GrantHop, indirect_hop_limit + 1> hops{};
    std::uint32_t hop_count = 0;
    Endpoint owner;
    VirtualAddress address; // of the first byte that was asked for, in the owner
};
static_assert(sizeof(GrantPath) == 64);

} // namespace tessera
