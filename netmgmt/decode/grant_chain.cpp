// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/grant_chain.h"

#include "kernel/abi/user_layout.h"

#include <algorithm>
#include <array>
#include <expected>
#include <limits>

namespace tessera::netmgmt {

namespace {

constexpr GrantRights copy_rights = GrantRights::read | GrantRights::write | GrantRights::map;

GrantKind kind_of(tessera::GrantKind kind) {
    switch (kind) {
    case tessera::GrantKind::direct:
        return GrantKind::direct;
    case tessera::GrantKind::indirect:
        return GrantKind::indirect;
    case tessera::GrantKind::magic:
        return GrantKind::magic;
    case tessera::GrantKind::unused:
        break;
    }
    return GrantKind::unknown;
}

std::vector<GrantRight> rights_of(GrantRights rights) {
    constexpr std::array bits{GrantRights::read, GrantRights::write, GrantRights::map, GrantRights::try_only};
    std::vector<GrantRight> shown;
    for (std::size_t bit = 0; bit < bits.size(); ++bit)
        if (includes(rights, bits[bit])) shown.push_back(static_cast<GrantRight>(bit));
    return shown;
}

bool in_user_space(const tessera::GrantEntry& entry) {
    constexpr std::uint64_t end = user_layout::end.value;
    return entry.address < end && entry.bytes <= end - entry.address;
}

/// From grant to grant, with what is left of the memory and the rights of the first.
class Walk {
public:
    Walk(GrantTables& tables, const NameOf& name_of) : tables_(tables), name_of_(name_of) {}

    Result<GrantDetail> from(tessera::GrantHop first) {
        hop_ = first;
        entry_ = TESSERA_TRY(tables_.entry(first.grantor, first.grant.index()));
        if (entry_.sequence != first.grant.sequence()) return Status::no_entry;
        GrantDetail detail{decoded(entry_, first.grantor, first.grant.index(), name_of_), {}, {}, {}};
        grantee_ = entry_.grantee;
        bytes_ = entry_.bytes;
        rights_ = entry_.rights;
        detail.problem = follow(detail.chain);
        if (!detail.problem) detail.memory = memory();
        return detail;
    }

private:
    using Problem = std::optional<GrantProblem>;

    Problem follow(std::vector<GrantEntry>& chain) {
        for (std::uint32_t hops = 0;; ++hops) {
            if (const Problem problem = narrow()) return problem;
            if (entry_.kind != tessera::GrantKind::indirect) return end();
            if (hops == indirect_hop_limit) return GrantProblem::too_many_hops;
            if (entry_.address > std::numeric_limits<std::uint64_t>::max() - offset_) return GrantProblem::out_of_range;
            offset_ += entry_.address;
            grantee_ = hop_.grantor;
            hop_ = {entry_.source, entry_.previous};
            if (const Problem problem = read()) return problem;
            chain.push_back(decoded(entry_, hop_.grantor, hop_.grant.index(), name_of_));
        }
    }

    Problem read() {
        const auto found = tables_.entry(hop_.grantor, hop_.grant.index());
        if (found.status() == Status::dead_endpoint) return GrantProblem::dead_grantor;
        if (found.status() == Status::no_entry || !hop_.grant.valid()) return GrantProblem::unused;
        if (!found.has_value()) return GrantProblem::unreadable;
        if (found->sequence != hop_.grant.sequence()) return GrantProblem::stale;
        entry_ = *found;
        return {};
    }

    /// To what this grant gives too.
    Problem narrow() {
        if (entry_.grantee != grantee_ && entry_.grantee != endpoints::any) return GrantProblem::other_grantee;
        // One grant that asks not to wait is enough.
        rights_ = (rights_ & entry_.rights & copy_rights) | ((rights_ | entry_.rights) & GrantRights::try_only);
        if ((rights_ & copy_rights) == GrantRights::none) return GrantProblem::no_rights;
        if (offset_ > entry_.bytes) return GrantProblem::out_of_range;
        const std::uint64_t left = std::min(bytes_, entry_.bytes - offset_);
        if (left == 0 && bytes_ != 0) return GrantProblem::out_of_range;
        bytes_ = left;
        return {};
    }

    /// At the last grant, which says where the memory is.
    Problem end() {
        owner_ = hop_.grantor;
        if (entry_.kind == tessera::GrantKind::magic) {
            if (!tables_.may_grant_magic(hop_.grantor)) return GrantProblem::magic_refused;
            owner_ = entry_.source;
            const auto user = tables_.is_user(owner_);
            if (!user.has_value()) return GrantProblem::dead_owner;
            if (!*user) return GrantProblem::owner_is_service;
        } else if (entry_.kind != tessera::GrantKind::direct) {
            return GrantProblem::unknown_kind;
        }
        if (!in_user_space(entry_)) return GrantProblem::bad_address;
        return {};
    }

    GrantedMemory memory() const {
        return {.owner = {owner_.value()},
                .owner_name = name_of_(owner_),
                .address = {entry_.address + offset_},
                .bytes = {bytes_},
                .rights = rights_of(rights_)};
    }

    GrantTables& tables_;
    const NameOf& name_of_;
    tessera::GrantHop hop_;
    tessera::GrantEntry entry_;
    Endpoint grantee_; ///< who would use the grant
    Endpoint owner_;
    std::uint64_t offset_ = 0; ///< in the grant
    std::uint64_t bytes_ = 0;
    GrantRights rights_ = GrantRights::none;
};

} // namespace

GrantEntry decoded(const tessera::GrantEntry& raw, Endpoint grantor, std::uint32_t index, const NameOf& name_of) {
    GrantEntry entry;
    entry.grantor = {grantor.value()};
    entry.grantor_name = name_of(grantor);
    entry.grant = GrantId{index, raw.sequence}.value();
    if (raw.grantee == endpoints::any)
        entry.grantee = AnyGrantee{};
    else
        entry.grantee = EndpointNumber{raw.grantee.value()};
    entry.grantee_name = name_of(raw.grantee);
    entry.kind = kind_of(raw.kind);
    entry.rights = rights_of(raw.rights);
    if (entry.kind == GrantKind::indirect || entry.kind == GrantKind::magic) {
        entry.source = EndpointNumber{raw.source.value()};
        entry.source_name = name_of(raw.source);
    }
    if (entry.kind == GrantKind::indirect) entry.previous = raw.previous.value();
    entry.address = {raw.address};
    entry.bytes = {raw.bytes};
    entry.index = index;
    entry.sequence = raw.sequence;
    entry.uses = {raw.uses};
    entry.soft_faults = {raw.soft_faults};
    return entry;
}

Result<GrantDetail> followed(tessera::GrantHop first, GrantTables& tables, const NameOf& name_of) {
    return Walk(tables, name_of).from(first);
}

} // namespace tessera::netmgmt
