// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Memory grants: one process lets another read or write a range of its memory. The table is an array of GrantEntry in
// the grantor's own memory, registered once with grant_table_set; granting and revoking are plain memory writes. The
// kernel copies one entry in for each check and trusts nothing in it.

#include "kernel/abi/endpoint.h"
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

enum class GrantRights : std::uint16_t { none = 0, read = 1, write = 2, map = 4, try_only = 8 };
constexpr GrantRights operator|(GrantRights a, GrantRights b) {
    return static_cast<GrantRights>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}
constexpr bool includes(GrantRights have, GrantRights need) {
    return (static_cast<std::uint16_t>(have) & static_cast<std::uint16_t>(need)) == static_cast<std::uint16_t>(need);
}

struct GrantEntry {
    GrantKind kind = GrantKind::unused;
    GrantRights rights = GrantRights::none;
    std::uint32_t sequence = 1;
    Endpoint grantee;              // may be endpoints::any
    Endpoint source;               // indirect: the grantor of `previous`; magic: the process whose memory it is
    GrantId previous;              // indirect only
    std::uint32_t soft_faults = 0; // try-copies that hit missing memory
    std::uint64_t address = 0;     // direct, magic: first byte; indirect: offset into the previous grant
    std::uint64_t bytes = 0;
};
static_assert(sizeof(GrantEntry) == 40);

inline constexpr std::uint32_t indirect_hop_limit = 5;

} // namespace tessera
