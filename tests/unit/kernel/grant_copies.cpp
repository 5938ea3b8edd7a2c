// SPDX-License-Identifier: BSD-3-Clause
// Copies that must not wait, several copies in one call, filling, and what is counted of each.

#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/kernel/granted.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

constexpr VirtualAddress elements = data + 256; // of the user

struct Granted {
    System system;
    Process& user = system.start("user");
    Process& grantor = start_grantor(system, "grantor", direct_entry(user.endpoint));

    Granted() { system.memory(grantor).put_text(granted_memory, "0123456789"); }
    template <class Change> void change(Change change) {
        GrantEntry entry = get_entry(system, grantor);
        change(entry);
        set_entry(system, grantor, entry);
    }
    GrantEntry entry() { return get_entry(system, grantor); }
    Status from(VirtualAddress to, std::uint64_t bytes) {
        return system.call<SafecopyFrom>(user, {grantor.endpoint, granted_id, 0, to, bytes}).status();
    }
    Status fill(std::uint64_t offset, std::uint64_t value, std::uint64_t bytes) {
        return system.call<Safememset>(user, {grantor.endpoint, granted_id, offset, value, bytes}).status();
    }
    GrantCopy read(std::uint64_t offset, std::uint64_t bytes, VirtualAddress to = buffer) {
        return {.grantor = grantor.endpoint, .grant = granted_id, .offset = offset, .address = to, .bytes = bytes};
    }
    GrantCopy write(std::uint64_t offset, std::uint64_t bytes, VirtualAddress from = buffer) {
        GrantCopy copy = read(offset, bytes, from);
        copy.direction = CopyDirection::to_grant;
        return copy;
    }
    Result<Vsafecopy::Reply> perform(const std::vector<GrantCopy>& copies) {
        for (std::size_t i = 0; i < copies.size(); ++i)
            system.memory(user).put(elements + i * sizeof(GrantCopy), copies[i]);
        return system.call<Vsafecopy>(user, {elements, copies.size()});
    }
    GrantCopy element(std::size_t index) {
        return system.memory(user).get<GrantCopy>(elements + index * sizeof(GrantCopy));
    }
    std::string text(VirtualAddress at, std::size_t bytes) { return system.memory(user).text(at, bytes); }
};

void allow_only_trying(GrantEntry& entry) { entry.rights = entry.rights | GrantRights::try_only; }

} // namespace

TEST_CASE("a copy with a try-only grant does not wait for memory of the grantor, and leaves a mark") {
    Granted g;
    g.change(allow_only_trying);
    CHECK(g.from(buffer, 4) == Status::ok);
    g.system.memory(g.grantor).unmap(granted_memory, page_bytes);
    CHECK(g.from(buffer, 4) == Status::bad_address);
    CHECK(g.fill(0, 1, 4) == Status::bad_address);
    CHECK(g.entry().uses == 1);
    CHECK(g.entry().soft_faults == 2);
    CHECK(!g.user.blocked_by(Blocker::vm_request));
}

TEST_CASE("a copy with a try-only grant does wait for memory of the caller") {
    Granted g;
    g.change(allow_only_trying);
    CHECK(g.from(missing, 4) == Status::suspended);
    CHECK(g.entry().soft_faults == 0);
}

TEST_CASE("any grant of a chain can forbid waiting") {
    Granted g;
    GrantEntry entry = direct_entry(g.user.endpoint);
    entry.kind = GrantKind::indirect;
    entry.rights = entry.rights | GrantRights::try_only;
    entry.source = g.grantor.endpoint;
    entry.previous = granted_id;
    entry.address = 0;
    Process& middle = start_grantor(g.system, "middle", entry);
    g.change([&](GrantEntry& first) { first.grantee = middle.endpoint; });
    g.system.memory(g.grantor).unmap(granted_memory, page_bytes);
    CHECK(g.system.call<SafecopyFrom>(g.user, {middle.endpoint, granted_id, 0, buffer, 4}).status() ==
          Status::bad_address);
    CHECK(get_entry(g.system, middle).soft_faults == 1);
    CHECK(g.entry().soft_faults == 0); // it did not ask for that
}

TEST_CASE("uses are not counted where the table cannot be written") {
    Granted g;
    g.system.memory(g.grantor).map(data, page_bytes, host::PageRights::read_only);
    CHECK(g.from(buffer, 4) == Status::ok);
    CHECK(g.entry().uses == 0);
}

TEST_CASE("safememset fills granted memory and no byte beside it") {
    Granted g;
    CHECK(g.fill(2, 0x1'61, 3) == Status::ok); // the lowest eight bits: a
    CHECK(g.system.memory(g.grantor).text(granted_memory, 10) == "01aaa56789");
    CHECK(g.fill(page_bytes, 1, 0) == Status::ok);
    CHECK(g.entry().uses == 2);
    CHECK(g.system.kernel->counters.copied_bytes == 3);
}

TEST_CASE("safememset is refused as a copy is") {
    Granted g;
    SECTION("too much") { CHECK(g.fill(0, 0, safecopy_limit + 1) == Status::too_big); }
    SECTION("beyond the grant") { CHECK(g.fill(1, 0, page_bytes) == Status::not_permitted); }
    SECTION("without the right") {
        g.change([](GrantEntry& entry) { entry.rights = GrantRights::read; });
        CHECK(g.fill(0, 0, 1) == Status::not_permitted);
    }
    SECTION("a dead grantor") {
        g.system.die(g.grantor);
        CHECK(g.fill(0, 0, 1) == Status::dead_endpoint);
    }
    SECTION("memory that is missing") {
        g.system.memory(g.grantor).unmap(granted_memory, page_bytes);
        CHECK(g.fill(0, 0, 1) == Status::suspended);
    }
}

TEST_CASE("vsafecopy performs its elements in their order, each with its own status") {
    Granted g;
    g.system.memory(g.user).put_text(buffer + 100, "xy");
    const auto reply = g.perform({g.read(0, 4), g.write(1, 2, buffer + 100), g.read(0, 4, buffer + 8),
                                  g.read(page_bytes, 1), g.read(6, 2, buffer + 16)});
    REQUIRE(reply.has_value());
    CHECK(reply->failed == 1);
    CHECK(g.text(buffer, 4) == "0123");
    CHECK(g.text(buffer + 8, 4) == "0xy3");
    CHECK(g.text(buffer + 16, 2) == "67");
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(g.element(i).state == CopyState::done);
        CHECK(g.element(i).status == (i == 3 ? Status::not_permitted : Status::ok));
    }
    CHECK(g.entry().uses == 4);
}

TEST_CASE("vsafecopy of nothing is done, and elements that are done are left alone") {
    Granted g;
    CHECK(g.perform({})->failed == 0);
    GrantCopy done = g.read(0, 4);
    done.state = CopyState::done;
    done.status = Status::loop;
    REQUIRE(g.perform({done, g.read(0, 2)}).has_value());
    CHECK(g.text(buffer, 4) == std::string("01\0\0", 4));
    CHECK(g.element(0).status == Status::loop);
    CHECK(g.entry().uses == 1);
}

TEST_CASE("vsafecopy has bounds, and refuses before it copies anything") {
    Granted g;
    std::vector<GrantCopy> copies{g.read(0, 4), g.read(0, 4)};
    Status expected = Status::invalid;
    SECTION("too many elements") {
        copies.resize(vsafecopy_limit + 1, g.read(0, 0));
        expected = Status::too_big;
    }
    SECTION("too many bytes together") {
        copies[0].bytes = copies[1].bytes = safecopy_limit / 2 + 1;
        expected = Status::too_big;
    }
    SECTION("bytes whose sum wraps around") {
        copies[1].bytes = ~0ull;
        expected = Status::too_big;
    }
    SECTION("a direction that there is not") { copies[1].direction = static_cast<CopyDirection>(2); }
    SECTION("a state that there is not") { copies[1].state = static_cast<CopyState>(2); }
    CHECK(g.perform(copies).status() == expected);
    CHECK(g.entry().uses == 0);
}

TEST_CASE("as many elements as the limit are performed") {
    Granted g;
    REQUIRE(g.perform(std::vector<GrantCopy>(vsafecopy_limit, g.read(3, 1, data)))->failed == 0);
    CHECK(g.text(data, 1) == "3");
    CHECK(g.entry().uses == vsafecopy_limit);
}

TEST_CASE("vsafecopy that waits for memory goes on where it was, and answers bad_address when VM refuses") {
    Granted g;
    const Status answer = GENERATE(Status::ok, Status::out_of_memory);
    REQUIRE(g.perform({g.read(0, 2), g.read(2, 2, missing), g.read(4, 2, buffer + 8)}).status() == Status::suspended);
    CHECK(g.element(0).state == CopyState::done);
    CHECK(g.element(1).state == CopyState::pending);
    CHECK(g.entry().uses == 1);
    if (answer == Status::ok) g.system.memory(g.user).map(missing, page_bytes);
    g.system.receive(g.system.vm());
    REQUIRE(g.system.call<FaultResolve>(g.system.vm(), {g.user.endpoint, answer}).has_value());
    g.system.receive(g.system.vm());
    g.system.receive(g.system.rs());
    while (&g.system.kernel->next() != &g.user) g.system.receive(g.system.kernel->next());
    if (answer == Status::ok) {
        REQUIRE(System::reply_of<Vsafecopy>(g.user).has_value());
        CHECK(System::reply_of<Vsafecopy>(g.user)->failed == 0);
        CHECK(g.text(missing, 2) == "23");
        CHECK(g.text(buffer + 8, 2) == "45");
        CHECK(g.entry().uses == 3);
    } else {
        CHECK(System::status_of(g.user) == Status::bad_address);
        CHECK(g.element(1).state == CopyState::pending);
        CHECK(g.element(2).state == CopyState::pending);
    }
}

TEST_CASE("vsafecopy answers bad_address for elements that are no memory of the caller") {
    Granted g;
    CHECK(g.system.call<Vsafecopy>(g.user, {user_layout::end - sizeof(GrantCopy), 2}).status() == Status::bad_address);
    CHECK(g.system.call<Vsafecopy>(g.user, {{~0ull - 7}, 1}).status() == Status::bad_address);
    CHECK(g.system.call<Vsafecopy>(g.user, {missing, 1}).status() == Status::suspended);
}
