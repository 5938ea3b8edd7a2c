// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Processes with eight pages each at `base` that they grant to each other, on VM without its kernel.

#include "kernel/abi/user_layout.h"
#include "servers/vm/service.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

namespace tessera::tests {

inline constexpr VirtualAddress grant_base = user_layout::anonymous;
inline constexpr std::uint64_t grant_pages = 8;

struct GrantFixture {
    using Protection = protocol::vm::Protection;
    static constexpr Protection read_write = Protection::read | Protection::write;
    static constexpr GrantRights all_rights = GrantRights::read | GrantRights::write | GrantRights::map;

    explicit GrantFixture(std::uint64_t pages = 1024) : machine(pages) {
        for (std::uint32_t slot = 4; slot < 12; ++slot) start({slot, 1});
    }

    static VirtualAddress page(std::uint64_t number) { return grant_base + number * page_bytes; }

    void start(Endpoint process) {
        machine.kernel.add(process, {});
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = 100}).has_value());
        const auto mapped = call<protocol::vm::Map>({.address = grant_base,
                                                     .bytes = grant_pages * page_bytes,
                                                     .protection = read_write,
                                                     .placement = protocol::vm::MapPlacement::exactly},
                                                    process);
        REQUIRE(mapped.has_value());
        REQUIRE(machine.spaces.find(process)->space.attach_process().has_value());
    }

    template <class Operation>
    Result<typename Operation::Reply> call(const typename Operation::Request& request, Endpoint caller) {
        Received received{.source = caller};
        received.message.words[0] = protocol::vm::VmProtocol::number<Operation>;
        protocol::store_payload(received.message, request);
        const auto answer = runtime::dispatch<protocol::vm::VmProtocol>(machine.checked_service, received);
        if (!answer.has_value()) throw std::logic_error("no answer");
        const auto status = static_cast<Status>(-static_cast<std::int64_t>(answer->words[0]));
        if (status != Status::ok) return status;
        return protocol::load_payload<typename Operation::Reply>(*answer);
    }

    // A grant of `owner` for `bytes` from an address, which reaches its grantee by way of `middle` (the last first).
    GrantHop make_grant(Endpoint owner, VirtualAddress address, std::uint64_t bytes, std::vector<Endpoint> middle = {},
                        GrantRights rights = all_rights) {
        GrantPath path{.owner = owner, .address = address};
        const GrantId id(++last_grant, 1);
        for (const Endpoint process : middle) path.hops[path.hop_count++] = {process, id};
        path.hops[path.hop_count++] = {owner, id};
        machine.kernel.paths[{path.hops[0].grantor, id}] = {.path = path, .rights = rights, .bytes = bytes};
        return path.hops[0];
    }
    Result<protocol::vm::Safemap::Reply> safemap(Endpoint grantee, GrantHop grant, std::uint64_t pages,
                                                 Protection protection = read_write, VirtualAddress address = {},
                                                 std::uint64_t offset = 0) {
        return call<protocol::vm::Safemap>({.grantor = grant.grantor,
                                            .grant = grant.grant,
                                            .offset = offset,
                                            .address = address,
                                            .bytes = pages * page_bytes,
                                            .protection = protection},
                                           grantee);
    }
    Result<protocol::vm::Saferevoke::Reply> revoke(GrantHop grant) {
        return call<protocol::vm::Saferevoke>({grant.grant}, grant.grantor);
    }
    Status safecopy(Endpoint caller, GrantHop grant, VirtualAddress address, std::uint64_t bytes,
                    CopyDirection direction = CopyDirection::from_grant, std::uint64_t offset = 0) {
        return call<protocol::vm::Safecopy>({.grantor = grant.grantor,
                                             .grant = grant.grant,
                                             .offset = offset,
                                             .address = address,
                                             .bytes = bytes,
                                             .direction = direction},
                                            caller)
            .status();
    }

    Status touch(Endpoint process, VirtualAddress address, vm::Access access = vm::Access::write) {
        return machine.spaces.space(process)->resolve(address, access).status();
    }
    void put(Endpoint process, VirtualAddress address, int value) {
        if (touch(process, address) != Status::ok) throw std::logic_error("cannot write");
        *machine.memory_of(process, address) = static_cast<std::byte>(value);
    }
    int get(Endpoint process, VirtualAddress address) {
        if (touch(process, address, vm::Access::read) != Status::ok) throw std::logic_error("cannot read");
        return std::to_integer<int>(*machine.memory_of(process, address));
    }
    void fork(Endpoint parent, Endpoint child) {
        machine.kernel.add(child, {});
        REQUIRE(machine.spaces.fork(*machine.spaces.find(parent), child).has_value());
    }
    void end(Endpoint process) { REQUIRE(machine.spaces.destroy(process).has_value()); }
    bool clean() {
        const auto report = machine.checker.check();
        return report.has_value() && report->problems == 0 && machine.counts_are_exact();
    }
    // Whether two see each other's writes.
    bool same(Endpoint one, VirtualAddress at, Endpoint other, VirtualAddress there) {
        put(one, at, 101);
        if (get(other, there) != 101) return false;
        put(one, at, 102);
        return get(other, there) == 102;
    }

    Machine machine;
    std::uint32_t last_grant = 0;
};

} // namespace tessera::tests
