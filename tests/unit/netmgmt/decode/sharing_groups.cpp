// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/sharing_groups.h"

#include <catch2/catch.hpp>

#include <set>

using namespace tessera::netmgmt;
using tessera::VirtualAddress;
using tessera::protocol::vm::ProcessSet;
using tessera::protocol::vm::SharedRunNext;
using tessera::protocol::vm::SharingReason;

namespace {

ProcessSet set_of(std::initializer_list<std::uint32_t> slots) {
    ProcessSet set;
    for (const std::uint32_t slot : slots) set.add(slot);
    return set;
}

SharedRunNext::Reply run(ProcessSet processes, std::uint64_t start, std::uint32_t pages,
                         SharingReason reason = SharingReason::fork) {
    return {.processes = processes,
            .start = {start},
            .next = {start + pages * 4096},
            .pages = pages,
            .slot = static_cast<std::uint16_t>(processes.next(0)),
            .reason = reason};
}

} // namespace

TEST_CASE("runs that the same processes have for the same reason are one group, where its first run is") {
    SharingGroups groups;
    groups.add(run(set_of({2, 5}), 0x400000, 3));
    groups.add(run(set_of({2, 5, 200}), 0x410000, 4));
    groups.add(run(set_of({2, 5}), 0x420000, 5));
    groups.add(run(set_of({2, 5}), 0x430000, 7, SharingReason::image));
    groups.add(run(set_of({2, 5, 200}), 0x440000, 1));
    REQUIRE(groups.groups().size() == 3);
    CHECK(groups.groups()[0].pages == 8);
    CHECK(groups.groups()[0].first == VirtualAddress{0x400000});
    CHECK(groups.groups()[1].pages == 5);
    CHECK(groups.groups()[1].processes == set_of({2, 5, 200}));
    CHECK(groups.groups()[2].pages == 7);
    CHECK(groups.groups()[2].reason == SharingReason::image);
    CHECK_FALSE(groups.left_out());
    groups.clear();
    CHECK(groups.groups().empty());
}

TEST_CASE("more groups than there is memory for are left out from a known place on") {
    SharingGroups groups;
    constexpr std::uint32_t many = SharingGroups::limit + 20;
    const auto group_run = [](std::uint32_t number, std::uint64_t start) {
        ProcessSet set = set_of({1});
        for (std::uint32_t bit = 0; bit < 10; ++bit)
            if ((number >> bit & 1) != 0) set.add(100 + bit);
        return run(set, start, 1);
    };
    for (std::uint32_t i = 0; i < many; ++i) groups.add(group_run(i, 0x100000 + i * 0x2000));
    for (std::uint32_t i = 0; i < many; ++i) groups.add(group_run(i, 0x900000 + i * 0x2000));
    CHECK(groups.groups().size() == SharingGroups::limit);
    CHECK(groups.left_out() == VirtualAddress{0x100000 + SharingGroups::limit * 0x2000});
    for (std::uint32_t i = 0; i < many; ++i) CHECK(groups.has(group_run(i, 0)) == (i < SharingGroups::limit));
    for (const auto& group : groups.groups()) {
        CHECK(group.pages == 2);
        CHECK(group.first < *groups.left_out());
    }
}

TEST_CASE("positions of runs and of shared memory are in order and can be read back") {
    std::set<Position> positions;
    for (const std::uint32_t slot : {0u, 1u, 255u})
        for (const std::uint64_t start : {0x400000ull, 0x401000ull, 0x7f'ffff'e000ull}) {
            const Position position = place_position(slot, {start});
            CHECK((positions.empty() || *positions.rbegin() < position));
            positions.insert(position);
            CHECK(slot_at(position) == slot);
            CHECK(address_at(position) == VirtualAddress{start});
            CHECK_FALSE(is_shared_memory(position));
            CHECK(identity_at(position) == 0);
        }
    CHECK(*positions.rbegin() < shared_memory_position(1));
    CHECK(identity_at(shared_memory_position(77)) == 77);
    CHECK(slot_at(shared_memory_position(77)) >= tessera::process_limit);
}
