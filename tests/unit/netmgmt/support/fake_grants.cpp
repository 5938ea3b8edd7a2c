// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/support/fake_grants.h"

namespace tessera::netmgmt::test {

namespace {

using protocol::vm::SafemapHop;
using protocol::vm::SafemapNext;

std::unexpected<SystemError> refused(std::string_view name, std::string_view where = "kernel") {
    return std::unexpected(SystemError{Refusal::refused, name, where});
}

Position position_of(Endpoint grantor, std::uint32_t index) { return {std::uint64_t{grantor.slot()} << 32 | index}; }

} // namespace

FakeGrants::FakeGrants(const std::function<SystemResult<void>()>& interfere, NameOf name_of)
    : interfere_(interfere),
      name_of_(std::move(name_of)) {}

SystemResult<void> FakeGrants::allowed(std::optional<EndpointNumber> process) {
    if (auto result = interfere_(); !result) return result;
    if (process && !tables.contains(Endpoint::from_value(process->value))) return refused("ESRCH");
    return {};
}

ListResult FakeGrants::list(std::optional<EndpointNumber> grantor, Range range, Visitor<GrantEntry>& visitor) {
    if (auto result = allowed(grantor); !result) return result;
    for (const auto& [process, table] : tables) {
        if (grantor && grantor->value != process.value()) continue;
        for (const auto& [index, raw] : table) {
            const Position position = position_of(process, index);
            if (position < range.from) continue;
            if (visitor.visit(position, decoded(raw, process, index, name_of_)) == Visit::stop) return {};
        }
    }
    return {};
}

SystemResult<GrantDetail> FakeGrants::get(EndpointNumber grantor, std::uint32_t grant) {
    if (auto result = allowed(grantor); !result) return std::unexpected(result.error());
    auto detail = followed({Endpoint::from_value(grantor.value), GrantId::from_value(grant)}, *this, name_of_);
    if (!detail.has_value()) return refused(status_name(detail.error()));
    return *std::move(detail);
}

Result<tessera::GrantEntry> FakeGrants::entry(Endpoint grantor, std::uint32_t index) {
    const auto table = tables.find(grantor);
    if (table == tables.end()) return Status::dead_endpoint;
    if (unreadable.contains(grantor)) return Status::bad_address;
    const auto found = table->second.find(index);
    if (found == table->second.end()) return Status::no_entry;
    return found->second;
}

Result<bool> FakeGrants::is_user(Endpoint process) {
    if (!tables.contains(process)) return Status::dead_endpoint;
    return users.contains(process);
}

ListResult FakeGrants::maps(std::optional<EndpointNumber> grantee, Range range, Visitor<GrantMap>& visitor) {
    if (auto result = allowed(grantee); !result) return result;
    for (const auto& [process, table] : tables) {
        if (process.slot() < slot_at(range.from) || (grantee && grantee->value != process.value())) continue;
        const VirtualAddress from = process.slot() == slot_at(range.from) ? address_at(range.from) : VirtualAddress{};
        const auto visited = visit_maps(process, from, *this, name_of_, visitor);
        if (!visited.has_value()) return refused(status_name(visited.error()), "vm");
        if (*visited == Visit::stop) return {};
    }
    return {};
}

Result<SafemapNext::Reply> FakeGrants::next(const SafemapNext::Request& request) {
    for (const auto& [map, hops] : mapped[request.process])
        if (map.address + map.bytes > request.from) return map;
    return vm_status;
}

Result<SafemapHop::Reply> FakeGrants::hop(const SafemapHop::Request& request) {
    for (const auto& [map, hops] : mapped[request.process])
        if (map.address == request.address && request.index < hops.size()) return hops[request.index];
    return Status::no_entry;
}

} // namespace tessera::netmgmt::test
