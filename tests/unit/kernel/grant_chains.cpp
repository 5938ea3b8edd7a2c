// SPDX-License-Identifier: BSD-3-Clause
// Indirect and magic grants: what each hop may narrow, and who may end a chain.

#include "tests/unit/kernel/granted.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

// A chain: the first grants memory, each other passes on what the one before granted, and the user has the last grant.
class Chain {
public:
    explicit Chain(std::uint32_t indirect_grants) {
        user = &system.start("user");
        grantors.push_back(&start_grantor(system, "owner", direct_entry(endpoints::any)));
        system.memory(*grantors[0]).put_text(granted_memory, "0123456789");
        for (std::uint32_t i = 0; i < indirect_grants; ++i) pass_on();
    }

    void pass_on() {
        Process& before = *grantors.back();
        GrantEntry entry = direct_entry(endpoints::any);
        entry.kind = GrantKind::indirect;
        entry.source = before.endpoint;
        entry.previous = granted_id;
        entry.address = 0;
        grantors.push_back(&start_grantor(system, "middle", entry));
        GrantEntry earlier = get_entry(system, before);
        earlier.grantee = grantors.back()->endpoint;
        set_entry(system, before, earlier);
    }
    template <class Change> void change(std::size_t hop, Change change) {
        GrantEntry entry = get_entry(system, *grantors.at(hop));
        change(entry);
        set_entry(system, *grantors.at(hop), entry);
    }
    Status from(std::uint64_t offset = 0, std::uint64_t bytes = 4) {
        return system.call<SafecopyFrom>(*user, {grantors.back()->endpoint, granted_id, offset, buffer, bytes})
            .status();
    }
    Status to(std::uint64_t offset = 0, std::uint64_t bytes = 4) {
        return system.call<SafecopyTo>(*user, {grantors.back()->endpoint, granted_id, offset, buffer, bytes}).status();
    }
    std::string read() { return system.memory(*user).text(buffer, 4); }

    System system;
    Process* user;
    std::vector<Process*> grantors;
};

} // namespace

TEST_CASE("a chain of indirect grants reaches the memory of the first grantor, up to five of them") {
    const auto length = GENERATE(1u, 2u, 5u);
    Chain chain(length);
    REQUIRE(chain.from(3) == Status::ok);
    CHECK(chain.read() == "3456");
    chain.system.memory(*chain.user).put_text(buffer, "wxyz");
    REQUIRE(chain.to(1) == Status::ok);
    CHECK(chain.system.memory(*chain.grantors[0]).text(granted_memory, 10) == "0wxyz56789");
    for (Process* grantor : chain.grantors) CHECK(get_entry(chain.system, *grantor).uses == 2);
}

TEST_CASE("a chain of six indirect grants is refused as a loop") {
    Chain chain(6);
    CHECK(chain.from() == Status::loop);
}

TEST_CASE("a chain that bites its tail is refused as a loop") {
    Chain tail(2);
    tail.change(0, [&](GrantEntry& entry) {
        entry.kind = GrantKind::indirect;
        entry.grantee = endpoints::any;
        entry.source = tail.grantors[2]->endpoint;
        entry.previous = granted_id;
        entry.address = 0;
    });
    tail.change(2, [](GrantEntry& entry) { entry.grantee = endpoints::any; });
    CHECK(tail.from() == Status::loop);
    CHECK(tail.to() == Status::loop);
}

TEST_CASE("each grant of a chain narrows rights and range") {
    Chain chain(3);
    const auto hop = GENERATE(0u, 1u, 2u, 3u);
    SECTION("rights") {
        chain.change(hop, [](GrantEntry& entry) { entry.rights = GrantRights::read; });
        CHECK(chain.from() == Status::ok);
        CHECK(chain.to() == Status::not_permitted);
    }
    SECTION("range") {
        chain.change(hop, [](GrantEntry& entry) { entry.bytes = 6; });
        CHECK(chain.from(2) == Status::ok);
        CHECK(chain.from(3) == Status::not_permitted);
        CHECK(chain.from(0, 7) == Status::not_permitted);
    }
}

TEST_CASE("offsets of the grants of a chain add up") {
    Chain chain(3);
    chain.change(1, [](GrantEntry& entry) { entry.address = 1; });
    chain.change(2, [](GrantEntry& entry) { entry.address = 2; });
    chain.change(3, [](GrantEntry& entry) { entry.address = 3, entry.bytes = 4; });
    REQUIRE(chain.from() == Status::ok);
    CHECK(chain.read() == "6789");
    CHECK(chain.from(1) == Status::not_permitted);
    chain.change(2, [](GrantEntry& entry) { entry.address = ~0ull - 1; });
    CHECK(chain.from() == Status::not_permitted);
}

TEST_CASE("a chain is broken by each of its grants") {
    Chain chain(5);
    const auto hop = GENERATE(0u, 2u, 4u, 5u);
    Status expected = Status::not_permitted;
    SECTION("a revoked grant") {
        chain.change(hop, [](GrantEntry& entry) { entry.sequence += 1; });
    }
    SECTION("an unused one") {
        chain.change(hop, [](GrantEntry& entry) { entry.kind = GrantKind::unused; });
    }
    SECTION("another grantee's") {
        chain.change(hop, [](GrantEntry& entry) { entry.grantee = endpoints::clock; });
    }
    SECTION("a grantor without a table") { chain.grantors[hop]->grants = {}; }
    SECTION("a dead grantor") {
        chain.system.die(*chain.grantors[hop]);
        expected = Status::dead_endpoint;
    }
    CHECK(chain.from() == expected);
    CHECK(chain.to() == expected);
}

TEST_CASE("a chain that waits for memory of a grant table in its middle is checked again from its start") {
    Chain chain(2);
    chain.system.memory(*chain.grantors[1]).unmap(data, page_bytes);
    REQUIRE(chain.from() == Status::suspended);
    CHECK(get_entry(chain.system, *chain.grantors[2]).uses == 0);
}

namespace {

// A server with a magic grant of the user's memory for a client.
struct Magic {
    System system;
    Process& user = system.start("user");
    Process& client = system.start("client");
    Process& server = start_grantor(system, "server", entry_for(user.endpoint));

    Magic() { user.privileges.service = service_ids::user; }
    GrantEntry entry_for(Endpoint source) {
        GrantEntry entry = direct_entry(client.endpoint);
        entry.kind = GrantKind::magic;
        entry.source = source;
        return entry;
    }
    Status from() { return system.call<SafecopyFrom>(client, {server.endpoint, granted_id, 0, buffer, 4}).status(); }
};

} // namespace

TEST_CASE("a magic grant gives memory of a user process, when its grantor may make such") {
    Magic magic;
    magic.system.memory(magic.user).put_text(granted_memory, "user");
    CHECK(magic.from() == Status::not_permitted);
    magic.server.privileges.magic_grants = MagicGrants::of_users;
    REQUIRE(magic.from() == Status::ok);
    CHECK(magic.system.memory(magic.client).text(buffer, 4) == "user");
}

TEST_CASE("a magic grant never gives memory of a service, or of a dead process") {
    Magic magic;
    magic.server.privileges.magic_grants = MagicGrants::of_users;
    SECTION("a service") {
        Process& other = magic.system.start("other");
        set_entry(magic.system, magic.server, magic.entry_for(other.endpoint));
        CHECK(magic.from() == Status::not_permitted);
    }
    SECTION("VM and RS") {
        set_entry(magic.system, magic.server, magic.entry_for(GENERATE(as<Endpoint>{}, endpoints::vm, endpoints::rs)));
        CHECK(magic.from() == Status::not_permitted);
    }
    SECTION("nobody") {
        set_entry(magic.system, magic.server,
                  magic.entry_for(GENERATE(as<Endpoint>{}, endpoints::any, endpoints::self, Endpoint{})));
        CHECK(magic.from() == Status::dead_endpoint);
    }
    SECTION("a dead user process") {
        magic.system.die(magic.user);
        CHECK(magic.from() == Status::dead_endpoint);
    }
}

TEST_CASE("grant_resolve tells VM every grant on the way") {
    Chain chain(2);
    Process& vm = chain.system.vm();
    const auto resolve = [&](GrantRights rights, std::uint64_t bytes) {
        return chain.system
            .call<GrantResolve>(
                vm, {chain.user->endpoint, chain.grantors[2]->endpoint, granted_id, rights, 5, bytes, buffer})
            .status();
    };
    chain.change(1, [](GrantEntry& entry) { entry.address = 10; });
    REQUIRE(resolve(GrantRights::read, 100) == Status::ok);
    const GrantPath path = chain.system.memory(vm).get<GrantPath>(buffer);
    CHECK(path.hop_count == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(path.hops[i].grantor == chain.grantors[2 - i]->endpoint);
        CHECK(path.hops[i].grant == granted_id);
        CHECK(get_entry(chain.system, *chain.grantors[i]).uses == 1);
    }
    CHECK(path.owner == chain.grantors[0]->endpoint);
    CHECK(path.address == granted_memory + 15);
    CHECK(resolve(GrantRights::map, 100) == Status::not_permitted);
    CHECK(resolve(GrantRights::read, page_bytes) == Status::not_permitted);
    chain.change(0, [](GrantEntry& entry) { entry.rights = entry.rights | GrantRights::try_only; });
    CHECK(resolve(GrantRights::read, 100) == Status::invalid); // VM would bring what is missing
    CHECK(get_entry(chain.system, *chain.grantors[2]).uses == 1);
    for (std::size_t i = 0; i < 3; ++i)
        chain.change(i, [](GrantEntry& entry) { entry.rights = entry.rights | GrantRights::map; });
    CHECK(resolve(GrantRights::read | GrantRights::map, 100) == Status::ok);
    chain.system.die(*chain.grantors[1]);
    CHECK(resolve(GrantRights::read, 100) == Status::dead_endpoint);
    CHECK(get_entry(chain.system, *chain.grantors[2]).uses == 2);
}
