// SPDX-License-Identifier: BSD-3-Clause
// The grant table as the kernel sees it.

#include "servers/runtime/grants.h"
#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <set>

using namespace tessera;
using namespace tessera::runtime;

namespace {

// What the kernel was told last. The registrar is a plain function, as the real one.
std::span<GrantEntry> registered;
bool refuse_registration = false;

Completion fake_register(std::span<GrantEntry> table) {
    if (refuse_registration) return Status::invalid;
    registered = table;
    return Done{};
}

// The grants whose maps VM was to end, and whether they were still honoured then.
std::vector<std::pair<GrantId, GrantKind>> ended;
void fake_end_maps(GrantId grant) { ended.emplace_back(grant, registered[grant.index()].kind); }

constexpr Endpoint peer{9, 3};

struct Fixture {
    Fixture() {
        registered = {}, refuse_registration = false;
        ended.clear();
    }
    GrantTable table{fake_register, fake_end_maps};
    std::array<std::byte, 64> memory{};
};

} // namespace

TEST_CASE_METHOD(Fixture, "grants: an entry says who may do what with which bytes") {
    const auto grant = table.writable(peer, memory);
    REQUIRE(grant.has_value());
    const GrantEntry& entry = registered[grant->id().index()];
    CHECK(entry.kind == GrantKind::direct);
    CHECK(entry.rights == GrantRights::write);
    CHECK(entry.grantee == peer);
    CHECK(entry.address == reinterpret_cast<std::uint64_t>(memory.data()));
    CHECK(entry.bytes == 64);
    CHECK(entry.sequence == grant->id().sequence());
    CHECK(grant->id().valid());
    CHECK(registered[table.readable(peer, memory)->id().index()].rights == GrantRights::read);
    const auto both = table.read_write(peer, memory);
    CHECK(registered[both->id().index()].rights == (GrantRights::read | GrantRights::write));
}

TEST_CASE_METHOD(Fixture, "grants: the end of the object ends the grant, and its id never comes back") {
    std::set<std::uint32_t> ids;
    for (int i = 0; i < 1000; ++i) {
        GrantId id;
        {
            const auto grant = table.readable(peer, memory);
            id = grant->id();
            CHECK(ids.insert(id.value()).second);
            CHECK(registered[id.index()].kind == GrantKind::direct);
        }
        CHECK(registered[id.index()].kind == GrantKind::unused);
        CHECK(registered[id.index()].sequence != id.sequence());
    }
}

TEST_CASE_METHOD(Fixture, "grants: moving hands the grant over, and ends the one that was there") {
    Grant first = *table.readable(peer, memory);
    const GrantId id = first.id();
    Grant second = std::move(first);
    CHECK(second.id() == id);
    CHECK(registered[id.index()].kind == GrantKind::direct);
    {
        Grant third = *table.readable(peer, memory);
        const GrantId other = third.id();
        second = std::move(third);
        CHECK(second.id() == other);
    }
    CHECK(registered[id.index()].kind == GrantKind::unused);
    CHECK(registered[second.id().index()].kind == GrantKind::direct);
}

TEST_CASE_METHOD(Fixture, "grants: the table grows, the kernel hears of it, grants stay as they are") {
    std::vector<Grant> grants;
    for (int i = 0; i < 100; ++i) grants.push_back(*table.readable(peer, std::span(memory).first(i % 64)));
    CHECK(registered.size() >= 100);
    CHECK(registered.data() == table.entries().data());
    for (int i = 0; i < 100; ++i) CHECK(registered[grants[i].id().index()].bytes == static_cast<std::uint64_t>(i % 64));
}

TEST_CASE_METHOD(Fixture, "grants: no more than the ids can name") {
    std::vector<Grant> grants;
    for (std::uint32_t i = 0; i < GrantId::index_limit; ++i) grants.push_back(*table.readable(peer, memory));
    CHECK(table.readable(peer, memory).error() == Status::no_space);
    grants.pop_back();
    CHECK(table.readable(peer, memory).has_value());
}

TEST_CASE_METHOD(Fixture, "grants: a refused registration leaves the table as it was") {
    std::vector<Grant> grants;
    for (int i = 0; i < 16; ++i) grants.push_back(*table.readable(peer, memory));
    refuse_registration = true;
    CHECK(table.readable(peer, memory).error() == Status::invalid);
    refuse_registration = false;
    CHECK(table.readable(peer, memory).has_value());
}

TEST_CASE_METHOD(Fixture, "grants: a slot whose sequence is used up is retired") {
    std::optional<Grant> held;
    std::vector<Grant> others;
    for (int i = 0; i < 15; ++i) others.push_back(*table.readable(peer, memory)); // one slot of the first 16 is left
    const std::uint32_t slot = table.readable(peer, memory)->id().index();
    std::uint32_t last_sequence = 0;
    for (std::uint32_t i = 2; i < GrantId::sequence_limit; ++i) {
        const auto grant = table.readable(peer, memory);
        REQUIRE(grant->id().index() == slot);
        last_sequence = grant->id().sequence();
    }
    CHECK(last_sequence == GrantId::sequence_limit - 1);
    CHECK(table.readable(peer, memory)->id().index() != slot);
}

TEST_CASE_METHOD(Fixture, "grants: an indirect one says what it passes on, a magic one whose memory it is") {
    const auto indirect =
        table.indirect(peer, GrantRights::read, {.grantor = {5, 2}, .grant = GrantId(3, 4), .offset = 16, .bytes = 32});
    const GrantEntry& passed_on = registered[indirect->id().index()];
    CHECK(passed_on.kind == GrantKind::indirect);
    CHECK(passed_on.source == Endpoint{5, 2});
    CHECK(passed_on.previous == GrantId(3, 4));
    CHECK(passed_on.address == 16);
    CHECK(passed_on.bytes == 32);
    const auto magic = table.magic(peer, GrantRights::write, {.process = {6, 1}, .address = {0x5000}, .bytes = 64});
    const GrantEntry& of_user = registered[magic->id().index()];
    CHECK(of_user.kind == GrantKind::magic);
    CHECK(of_user.source == Endpoint{6, 1});
    CHECK(of_user.address == 0x5000);
    CHECK(of_user.sequence == magic->id().sequence());
}

TEST_CASE_METHOD(Fixture, "grants: a slot starts with no uses") {
    std::uint32_t index = 0;
    {
        const auto grant = table.readable(peer, memory);
        index = grant->id().index();
        registered[index].uses = 5;
        registered[index].soft_faults = 6;
    }
    const auto next = table.readable(peer, memory);
    REQUIRE(next->id().index() == index);
    CHECK(registered[index].uses == 0);
    CHECK(registered[index].soft_faults == 0);
}

TEST_CASE_METHOD(Fixture, "grants: maps end with a grant that allows them, when nobody can make another") {
    GrantId id;
    {
        const auto mappable = table.direct(peer, GrantRights::read | GrantRights::map, memory);
        id = mappable->id();
        const auto plain = table.read_write(peer, memory);
        CHECK(ended.empty());
    }
    REQUIRE(ended.size() == 1);
    CHECK(ended[0] == std::pair(id, GrantKind::unused));
}
