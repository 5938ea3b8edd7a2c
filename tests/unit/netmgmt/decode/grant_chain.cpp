// SPDX-License-Identifier: BSD-3-Clause
// Where grants lead, by the kernel's rules, and why some lead nowhere.
#include "netmgmt/decode/grant_chain.h"

#include "kernel/abi/user_layout.h"
#include "tests/unit/netmgmt/support/fake_grants.h"

#include <catch2/catch.hpp>

using namespace tessera::netmgmt;
using tessera::Endpoint;
using tessera::GrantId;
using tessera::GrantRights;
using Kind = tessera::GrantKind;
namespace endpoints = tessera::endpoints;

namespace {

constexpr GrantRights read_write = GrantRights::read | GrantRights::write;

/// Processes 10, 11, … in a row: 10 grants of its own memory, each of the others passes on what it was given.
struct Fixture {
    std::function<SystemResult<void>()> interfere = [] { return SystemResult<void>(); };
    test::FakeGrants grants{interfere, [](Endpoint process) { return "process" + std::to_string(process.slot()); }};

    static Endpoint process(std::uint32_t number) { return {number, 1}; }

    tessera::GrantEntry& give(std::uint32_t from, Endpoint grantee, Kind kind, GrantRights rights,
                              std::uint64_t address, std::uint64_t bytes) {
        grants.tables[grantee];
        auto& entry = grants.tables[process(from)][3];
        entry = {.kind = kind, .rights = rights, .sequence = 7, .grantee = grantee, .address = address, .bytes = bytes};
        if (kind == Kind::indirect) entry.source = process(from - 1), entry.previous = GrantId{3, 7};
        return entry;
    }

    void give_direct() { give(10, process(11), Kind::direct, read_write | GrantRights::map, 0x500000, 0x4000); }

    void pass_on(std::uint32_t from, GrantRights rights, std::uint64_t offset, std::uint64_t bytes) {
        give(from, process(from + 1), Kind::indirect, rights, offset, bytes);
    }

    GrantDetail get(std::uint32_t grantor) {
        auto detail = grants.get({process(grantor).value()}, GrantId{3, 7}.value());
        REQUIRE(detail);
        CHECK(detail->memory.has_value() != detail->problem.has_value());
        return *detail;
    }

    std::optional<GrantProblem> problem(std::uint32_t grantor) { return get(grantor).problem; }
};

using Rights = std::vector<GrantRight>;

} // namespace

TEST_CASE_METHOD(Fixture, "a direct grant leads to its grantor's memory") {
    give_direct();
    const GrantDetail detail = get(10);
    CHECK(detail.chain.empty());
    REQUIRE(detail.memory);
    CHECK(detail.memory->owner == EndpointNumber{process(10).value()});
    CHECK(detail.memory->owner_name == "process10");
    CHECK(detail.memory->address == Address{0x500000});
    CHECK(detail.memory->bytes == ByteCount{0x4000});
    CHECK(detail.memory->rights == Rights{GrantRight::read, GrantRight::write, GrantRight::map});
}

TEST_CASE_METHOD(Fixture, "each grant of a chain narrows range and rights, and offsets add up") {
    give_direct();
    pass_on(11, GrantRights::read | GrantRights::map, 0x1000, 0x10000);
    pass_on(12, read_write | GrantRights::try_only, 0x1800, 0x1000);
    const GrantDetail detail = get(12);
    REQUIRE(detail.chain.size() == 2);
    CHECK(detail.chain[0].grantor_name == "process11");
    CHECK(detail.chain[1].grantor_name == "process10");
    CHECK(detail.source == EndpointNumber{process(11).value()});
    CHECK(detail.source_name == "process11");
    CHECK(detail.previous == GrantId{3, 7}.value());
    REQUIRE(detail.memory);
    CHECK(detail.memory->owner_name == "process10");
    CHECK(detail.memory->address == Address{0x502800});
    CHECK(detail.memory->bytes == ByteCount{0x1000});
    CHECK(detail.memory->rights == Rights{GrantRight::read, GrantRight::try_only});
    CHECK(get(11).memory->bytes == ByteCount{0x3000});
}

TEST_CASE_METHOD(Fixture, "as many indirect grants as the kernel follows, and one more") {
    give_direct();
    for (std::uint32_t number = 11; number <= 11 + tessera::indirect_hop_limit; ++number)
        pass_on(number, GrantRights::read, 0x100, 0x4000);
    const GrantDetail last = get(10 + tessera::indirect_hop_limit);
    CHECK(last.chain.size() == tessera::indirect_hop_limit);
    CHECK(last.memory->address == Address{0x500000 + tessera::indirect_hop_limit * 0x100});
    const GrantDetail over = get(11 + tessera::indirect_hop_limit);
    CHECK(over.problem == GrantProblem::too_many_hops);
    CHECK(over.chain.size() == tessera::indirect_hop_limit);
}

TEST_CASE_METHOD(Fixture, "grants that pass each other on end at the limit") {
    auto& entry = give(10, process(10), Kind::indirect, GrantRights::read, 0, 0x1000);
    entry.source = process(10);
    CHECK(problem(10) == GrantProblem::too_many_hops);
}

TEST_CASE_METHOD(Fixture, "a grant in the way that cannot be reached") {
    give_direct();
    pass_on(11, GrantRights::read, 0, 0x1000);
    SECTION("its grantor died") {
        grants.tables.erase(process(10));
        CHECK(problem(11) == GrantProblem::dead_grantor);
    }
    SECTION("it ended") {
        grants.tables[process(10)].clear();
        CHECK(problem(11) == GrantProblem::unused);
    }
    SECTION("it never was") {
        grants.tables[process(11)][3].previous = {};
        CHECK(problem(11) == GrantProblem::unused);
    }
    SECTION("its place has another grant") {
        ++grants.tables[process(10)][3].sequence;
        CHECK(problem(11) == GrantProblem::stale);
    }
    SECTION("its table is not in memory") {
        grants.unreadable = {process(10)};
        CHECK(problem(11) == GrantProblem::unreadable);
    }
    CHECK(get(11).chain.empty());
}

TEST_CASE_METHOD(Fixture, "a grant in the way that refuses") {
    give_direct();
    pass_on(11, GrantRights::read, 0, 0x1000);
    auto& direct = grants.tables[process(10)][3];
    SECTION("it is somebody else's") {
        direct.grantee = process(12);
        CHECK(problem(11) == GrantProblem::other_grantee);
    }
    SECTION("no right is left") {
        direct.rights = GrantRights::write | GrantRights::try_only;
        CHECK(problem(11) == GrantProblem::no_rights);
    }
    SECTION("the offset is behind its end") {
        grants.tables[process(11)][3].address = 0x4001;
        CHECK(problem(11) == GrantProblem::out_of_range);
    }
    SECTION("the offset is its end") {
        grants.tables[process(11)][3].address = 0x4000;
        CHECK(problem(11) == GrantProblem::out_of_range);
    }
    SECTION("it is not in user space") {
        direct.address = tessera::user_layout::end.value - 0x1000;
        CHECK(problem(11) == GrantProblem::bad_address);
    }
    SECTION("its kind is nonsense") {
        direct.kind = static_cast<Kind>(9);
        CHECK(problem(11) == GrantProblem::unknown_kind);
        CHECK(get(11).chain.at(0).kind == GrantKind::unknown);
    }
    CHECK(get(11).chain.size() == 1);
}

TEST_CASE_METHOD(Fixture, "offsets that add up to more than there are addresses") {
    give(10, process(11), Kind::direct, read_write, 0, ~std::uint64_t{0});
    pass_on(11, GrantRights::read, ~std::uint64_t{0} - 5, ~std::uint64_t{0});
    pass_on(12, GrantRights::read, 6, 1);
    CHECK(problem(12) == GrantProblem::out_of_range);
}

TEST_CASE_METHOD(Fixture, "a grant to anybody can be passed on by anybody") {
    give(10, endpoints::any, Kind::direct, read_write, 0x500000, 0x4000);
    pass_on(11, GrantRights::read, 0, 0x1000);
    CHECK(get(11).memory);
    CHECK(get(11).chain.at(0).grantee == Grantee(AnyGrantee{}));
}

TEST_CASE_METHOD(Fixture, "a grant of no bytes leads somewhere") {
    give(10, process(11), Kind::direct, read_write, 0x500000, 0);
    CHECK(get(10).memory->bytes == ByteCount{0});
}

TEST_CASE_METHOD(Fixture, "a magic grant leads to the memory of a user process") {
    give(10, process(11), Kind::magic, read_write, 0x500000, 0x1000).source = process(20);
    grants.tables[process(20)];
    grants.users = {process(20)};
    CHECK(problem(10) == GrantProblem::magic_refused);
    grants.magicians = {process(10)};
    CHECK(get(10).memory->owner_name == "process20");
    CHECK(get(10).source == EndpointNumber{process(20).value()});
    CHECK_FALSE(get(10).previous);
    grants.users = {};
    CHECK(problem(10) == GrantProblem::owner_is_service);
    grants.tables.erase(process(20));
    CHECK(problem(10) == GrantProblem::dead_owner);
}
