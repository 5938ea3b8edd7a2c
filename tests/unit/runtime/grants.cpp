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

constexpr Endpoint peer{9, 3};

struct Fixture {
    Fixture() { registered = {}, refuse_registration = false; }
    GrantTable table{fake_register};
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
