// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/guest/grant_views.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/privileges.h"
#include "netmgmt/decode/grant_chain.h"
#include "netmgmt/guest/each_process.h"
#include "netmgmt/guest/process_names.h"

namespace tessera::netmgmt::guest {

namespace {

constexpr std::string_view kernel_name = "kernel";

template <class Object> VirtualAddress address_of(Object& object) { return {reinterpret_cast<std::uint64_t>(&object)}; }

struct Found {
    std::uint32_t index;
    tessera::GrantEntry entry;
};

/// The first used entry from an index on. no_entry; dead_endpoint.
Result<Found> read_grant(Endpoint grantor, std::uint32_t index) {
    Found found{};
    const auto read = TESSERA_TRY(kernel_call<kernel_calls::GrantRead>(
        {.endpoint = grantor, .index = index, .address = address_of(found.entry)}));
    found.index = static_cast<std::uint32_t>(read.index);
    return found;
}

class KernelGrantTables final : public GrantTables {
public:
    Result<tessera::GrantEntry> entry(Endpoint grantor, std::uint32_t index) override {
        const Found found = TESSERA_TRY(read_grant(grantor, index));
        if (found.index != index) return Status::no_entry;
        return found.entry;
    }

    bool may_grant_magic(Endpoint grantor) override {
        tessera::Privileges privileges;
        const auto read =
            kernel_call<kernel_calls::PrivilegeGet>({.endpoint = grantor, .address = address_of(privileges)});
        return read.has_value() && privileges.magic_grants == MagicGrants::of_users;
    }

    Result<bool> is_user(Endpoint process) override {
        const ProcessInformation found = TESSERA_TRY(find_process(process));
        if ((found.blockers & static_cast<std::uint32_t>(Blocker::dead)) != 0) return Status::dead_endpoint;
        return found.service == service_ids::user;
    }
};

} // namespace

// A position is the grantor's slot and the index in its table.
ListResult GuestGrants::list(std::optional<EndpointNumber> grantor, Range range, Visitor<GrantEntry>& visitor) {
    constexpr unsigned index_bits = 32;
    ProcessNames names;
    const NameOf name_of = [&](Endpoint endpoint) { return names.of(endpoint); };
    const auto visit = [&](const ProcessInformation& process, std::uint64_t from) -> SystemResult<Visit> {
        for (auto index = static_cast<std::uint32_t>(from);; ++index) {
            const auto found = read_grant(process.endpoint, index);
            if (!found.has_value()) return Visit::next; // no further one, or the process died meanwhile
            index = found->index;
            const Position position{std::uint64_t{process.endpoint.slot()} << index_bits | index};
            const GrantEntry entry = decoded(found->entry, process.endpoint, index, name_of);
            if (visitor.visit(position, entry) == Visit::stop) return Visit::stop;
        }
    };
    return each_process(grantor, range.from.value >> index_bits, static_cast<std::uint32_t>(range.from.value), visit);
}

SystemResult<GrantDetail> GuestGrants::get(EndpointNumber grantor, std::uint32_t grant) {
    KernelGrantTables tables;
    ProcessNames names;
    const Endpoint process = Endpoint::from_value(grantor.value);
    if (!find_process(process).has_value()) return refusal(Status::no_such, kernel_name);
    auto detail =
        followed({process, GrantId::from_value(grant)}, tables, [&](Endpoint endpoint) { return names.of(endpoint); });
    if (detail.has_value()) return *std::move(detail);
    // A dead process that was not reaped yet has no grants any more.
    return refusal(detail.error() == Status::dead_endpoint ? Status::no_entry : detail.error(), kernel_name);
}

} // namespace tessera::netmgmt::guest
