// SPDX-License-Identifier: BSD-3-Clause
// The check of a grant, and the calls that use grants.

#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/kernel/granted.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

constexpr Endpoint grantee{9, 4}, stranger{9, 5};

GrantEntry good_entry() {
    return {.kind = GrantKind::direct,
            .rights = GrantRights::read | GrantRights::write,
            .sequence = 3,
            .grantee = grantee,
            .address = 0x50'0000,
            .bytes = 100};
}

GrantUse good_use() { return {Endpoint{4, 1}, GrantId{2, 3}, GrantRights::read, 0, 100}; }

Status checked(const GrantEntry& entry, Endpoint who = grantee, const GrantUse& use = good_use()) {
    return check_entry(entry, who, use).status();
}

} // namespace

TEST_CASE("each misuse of a grant is refused") {
    REQUIRE(checked(good_entry()) == Status::ok);
    GrantEntry entry = good_entry();
    GrantUse use = good_use();

    SECTION("revoked: an older or a newer sequence") { use.grant = GrantId{2, GENERATE(2u, 4u, 0u, (1u << 18) - 1)}; }
    SECTION("no grant id") { use.grant = {}, entry.sequence = 0; }
    SECTION("a sequence that an id cannot have") { entry.sequence = 3 + GrantId::sequence_limit; }
    SECTION("another grantee") {
        entry.grantee = GENERATE(as<Endpoint>{}, stranger, Endpoint{}, endpoints::self, Endpoint{8, 4});
    }
    SECTION("rights that it does not give") {
        entry.rights = GrantRights::read;
        use.rights = GENERATE(GrantRights::write, GrantRights::read | GrantRights::write, GrantRights::map);
    }
    SECTION("no rights") { entry.rights = GrantRights::none; }
    SECTION("more bytes than it has") { use.bytes = GENERATE(as<std::uint64_t>{}, 101ull, 1ull << 40, ~0ull); }
    SECTION("bytes beyond its end") {
        use.offset = GENERATE(as<std::uint64_t>{}, 1ull, 100ull, 101ull, ~0ull, ~0ull - 98);
    }
    SECTION("an offset beyond its end for no bytes") { use.offset = 101, use.bytes = 0; }
    CHECK(checked(entry, grantee, use) == Status::not_permitted);
}

TEST_CASE("a grant to anybody is for anybody") {
    GrantEntry entry = good_entry();
    entry.grantee = endpoints::any;
    CHECK(checked(entry, stranger) == Status::ok);
}

namespace {

// A grantor with one grant on its second page for `user`, and a buffer of the user.
struct Granted {
    System system;
    Process& grantor = start_grantor(system, "grantor", {});
    Process& user = system.start("user");
    VirtualAddress granted = granted_memory;
    VirtualAddress buffer = data + 256;
    GrantId id = granted_id;

    Granted() {
        put(direct_entry(user.endpoint));
        system.memory(grantor).put_text(granted, "of the grantor");
        system.memory(user).put_text(buffer, "of the user...");
    }
    void put(const GrantEntry& entry) { set_entry(system, grantor, entry); }
    GrantEntry entry() { return get_entry(system, grantor); }
    Status from(std::uint64_t offset, VirtualAddress to, std::uint64_t bytes) {
        return system.call<SafecopyFrom>(user, {grantor.endpoint, id, offset, to, bytes}).status();
    }
    Status to(std::uint64_t offset, VirtualAddress source, std::uint64_t bytes) {
        return system.call<SafecopyTo>(user, {grantor.endpoint, id, offset, source, bytes}).status();
    }
};

} // namespace

TEST_CASE("safecopy moves bytes from and to granted memory and counts them") {
    Granted g;
    CHECK(g.from(3, g.buffer, 11) == Status::ok);
    CHECK(g.system.memory(g.user).text(g.buffer, 14) == "the grantor...");
    g.system.memory(g.user).put_text(g.buffer, "written");
    CHECK(g.to(7, g.buffer, 7) == Status::ok);
    CHECK(g.system.memory(g.grantor).text(g.granted, 14) == "of the written");
    CHECK(g.system.kernel->counters.safecopies == 2);
    CHECK(g.system.kernel->counters.copied_bytes == 18);
}

TEST_CASE("safecopy of nothing checks all the same") {
    Granted g;
    CHECK(g.from(0, missing, 0) == Status::ok);
    CHECK(g.from(page_bytes + 1, g.buffer, 0) == Status::not_permitted);
    CHECK(g.from(0, user_layout::end, 0) == Status::bad_address);
}

TEST_CASE("safecopy needs the right of its direction") {
    Granted g;
    GrantEntry entry = g.entry();
    entry.rights = GrantRights::read;
    g.put(entry);
    CHECK(g.from(0, g.buffer, 1) == Status::ok);
    CHECK(g.to(0, g.buffer, 1) == Status::not_permitted);
    entry.rights = GrantRights::write;
    g.put(entry);
    CHECK(g.from(0, g.buffer, 1) == Status::not_permitted);
    CHECK(g.to(0, g.buffer, 1) == Status::ok);
}

TEST_CASE("safecopy refuses what no grant allows, and copies nothing") {
    Granted g;
    Status expected = Status::not_permitted;
    g.system.machine.history.clear();
    SECTION("an index beyond the table") { g.id = GrantId{4, 1}; }
    SECTION("an index far beyond the table") { g.id = GrantId{GrantId::index_limit - 1, 3}; }
    SECTION("an entry that was never used") { g.id = GrantId{1, 1}; }
    SECTION("a revoked grant") {
        GrantEntry entry = g.entry();
        entry = {.sequence = entry.sequence + 1};
        g.put(entry);
    }
    SECTION("a process without a table") { g.grantor.grants = {}; }
    SECTION("a dead grantor") {
        g.system.die(g.grantor);
        expected = Status::dead_endpoint;
    }
    CHECK(g.from(0, g.buffer, 8) == expected);
    CHECK(g.to(0, g.buffer, 8) == expected);
    CHECK(g.system.machine.history.empty());
    CHECK(g.system.kernel->counters.safecopies == 0);
}

TEST_CASE("a direct grant is refused for memory that is not user space, and of a kind that there is not") {
    Granted g;
    GrantEntry entry = g.entry();
    SECTION("a kind that there is not") { entry.kind = GENERATE(GrantKind::unused, static_cast<GrantKind>(77)); }
    SECTION("memory of the kernel") {
        entry.address = GENERATE(as<std::uint64_t>{}, user_layout::end.value, user_layout::end.value - 99,
                                 0xffff'8000'0000'0000ull, ~0ull);
    }
    SECTION("a range that wraps around") { entry.bytes = ~0ull; }
    g.put(entry);
    CHECK(g.from(0, g.buffer, 1) == Status::not_permitted);
}

TEST_CASE("a grant may end with user space") {
    Granted g;
    GrantEntry entry = g.entry();
    entry.address = user_layout::end.value - page_bytes;
    g.put(entry);
    CHECK(g.from(page_bytes - 1, g.buffer, 1) == Status::suspended); // no memory is there yet
}

TEST_CASE("safecopy refuses more than its limit and addresses of the caller that are not user space") {
    Granted g;
    CHECK(g.from(0, g.buffer, safecopy_limit + 1) == Status::too_big);
    CHECK(g.to(0, g.buffer, ~0ull) == Status::too_big);
    CHECK(g.from(0, {~0ull}, 8) == Status::bad_address);
    CHECK(g.to(0, user_layout::end - 7, 8) == Status::bad_address);
    CHECK(g.from(0, {0xffff'8000'0000'0000}, 8) == Status::bad_address);
}

TEST_CASE("revoking takes effect while a copy waits for VM: the restarted call checks again") {
    Granted g;
    REQUIRE(g.from(0, missing, 8) == Status::suspended);
    GrantEntry entry = g.entry();
    entry.sequence += 1;
    entry.kind = GrantKind::unused;
    g.put(entry);
    g.system.memory(g.user).map(missing, page_bytes);
    REQUIRE(g.system.call<FaultResolve>(g.system.vm(), {g.user.endpoint, Status::invalid}).status() == Status::invalid);
    g.system.receive(g.system.vm());
    REQUIRE(g.system.call<FaultResolve>(g.system.vm(), {g.user.endpoint, Status::ok}).has_value());
    g.system.receive(g.system.vm());
    g.system.receive(g.system.rs());
    CHECK(&g.system.kernel->next() == &g.grantor); // same priority, first in its queue
    g.system.receive(g.grantor);
    CHECK(&g.system.kernel->next() == &g.user);
    CHECK(System::status_of(g.user) == Status::not_permitted);
}

TEST_CASE("a grant table is refused when it is misaligned, too long or not user memory") {
    System system;
    Process& process = system.start("p");
    const auto set = [&](VirtualAddress address, std::uint64_t entries) {
        return system.call<GrantTableSet>(process, {address, entries}).status();
    };
    CHECK(set(data + 4, 1) == Status::invalid);
    CHECK(set(data, GrantId::index_limit + 1) == Status::invalid);
    CHECK(set(data, ~0ull) == Status::invalid);
    CHECK(set(user_layout::end - 104, 2) == Status::invalid);
    CHECK(set({0xffff'8000'0000'0000}, 1) == Status::invalid);
    CHECK(process.grants.entries == 0);
    CHECK(set(user_layout::end - 112, 2) == Status::ok);
    CHECK(set(data, GrantId::index_limit) == Status::ok);
    CHECK(process.grants.entries == GrantId::index_limit);
    CHECK(set(data, 0) == Status::ok);
    CHECK(process.grants.entries == 0);
}

TEST_CASE("grant_read walks the used entries of a table") {
    Granted g;
    const auto read = [&](std::uint32_t index) {
        return g.system.call<GrantRead>(g.system.rs(), {g.grantor.endpoint, index, data});
    };
    REQUIRE(read(0).has_value());
    CHECK(read(0)->index == 2);
    const GrantEntry entry = g.system.memory(g.system.rs()).get<GrantEntry>(data);
    CHECK(entry.grantee == g.user.endpoint);
    CHECK(entry.address == g.granted.value);
    CHECK(read(2)->index == 2);
    CHECK(read(3).status() == Status::no_entry);
    CHECK(read(4).status() == Status::no_entry);
    CHECK(read(~0u).status() == Status::no_entry);
    CHECK(g.system.call<GrantRead>(g.system.rs(), {Endpoint{200, 1}, 0, data}).status() == Status::dead_endpoint);
}
