// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A grant of ours to ourselves, for kernel calls whose both ends we want to see.

#include "kernel/abi/calls/grants.h"
#include "tests/target/map_fixture.h"

namespace tessera::target {

inline VirtualAddress address_of(const void* place) { return {reinterpret_cast<std::uint64_t>(place)}; }

// We copy ourselves: from and to memory that we granted to us.
struct OwnGrant {
    explicit OwnGrant(Environment& environment, GrantRights rights = GrantRights::read | GrantRights::write)
        : fixture(environment),
          grant(fixture.grant(fixture.self, rights)) {}

    kernel_calls::SafecopyFrom::Request request(std::uint64_t offset, void* place, std::uint64_t bytes) const {
        return {.grantor = fixture.self,
                .grant = grant.id(),
                .offset = offset,
                .address = address_of(place),
                .bytes = bytes};
    }
    MapFixture fixture;
    runtime::Grant grant;
};

} // namespace tessera::target
