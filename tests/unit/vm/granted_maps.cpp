// SPDX-License-Identifier: BSD-3-Clause
// Maps of granted memory: who sees what, and what is left of them when they end.

#include "tests/unit/vm/grant_fixture.h"

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::GrantFixture;

namespace {

constexpr Endpoint a{4, 1}, b{5, 1}, c{6, 1}, d{7, 1}, e{8, 1}, f{9, 1}, child{20, 1};
const auto page = GrantFixture::page;

// `a` lends four pages from its second on to `b`, who has them at `at`.
struct Lent : GrantFixture {
    explicit Lent(Protection protection = read_write) {
        for (int i = 0; i < 8; ++i) put(a, page(i), 10 + i);
        at = safemap(b, grant, 4, protection)->address;
    }
    GrantHop grant = make_grant(a, page(1), 4 * page_bytes);
    VirtualAddress at;

    // Both have this in the first page that was lent, each for itself.
    bool separate(int value) {
        if (get(a, page(1)) != value || get(b, at) != value) return false;
        put(a, page(1), 50);
        put(b, at, 60);
        return get(a, page(1)) == 50 && get(b, at) == 60;
    }
};

} // namespace

TEST_CASE("a map of granted memory: both see what the other writes") {
    Lent x;
    CHECK(x.get(b, x.at) == 11);
    CHECK(x.get(b, x.at + 3 * page_bytes) == 14);
    CHECK(x.same(a, page(1), b, x.at));
    CHECK(x.same(b, x.at + 2 * page_bytes, a, page(3)));
    CHECK(x.machine.maps.count() == 1);
    CHECK(x.clean());
}

TEST_CASE("a map of granted memory is told with both ends and the grants on its way") {
    GrantFixture x;
    const GrantHop grant = x.make_grant(a, page(0), 2 * page_bytes, {d, c});
    const VirtualAddress at = x.safemap(b, grant, 1, Protection::read, {}, page_bytes)->address;
    const auto told = x.call<SafemapNext>({.process = b, .from = {}}, c);
    REQUIRE(told.has_value());
    CHECK(told->address == at);
    CHECK(told->bytes == page_bytes);
    CHECK(told->owner == a);
    CHECK(told->source == page(1));
    CHECK(told->grantor == d);
    CHECK(told->grant == grant.grant);
    CHECK(told->protection == Protection::read);
    REQUIRE(told->hop_count == 3);
    const std::array hops{d, c, a};
    for (std::uint32_t i = 0; i < 3; ++i)
        CHECK(x.call<SafemapHop>({.process = b, .address = at, .index = i}, c)->grantor == hops[i]);
    CHECK(x.call<SafemapHop>({.process = b, .address = at, .index = 3}, c).status() == Status::no_entry);
    CHECK(x.call<SafemapNext>({.process = b, .from = at + page_bytes}, c).status() == Status::no_entry);
    CHECK(x.call<SafemapNext>({.process = Endpoint{99, 1}, .from = {}}, c).status() == Status::no_such);
}

TEST_CASE("a map for reading is never written, and its access cannot be changed") {
    Lent x(Protection::read);
    CHECK(x.touch(b, x.at) == Status::bad_address);
    x.put(a, page(1), 77);
    CHECK(x.get(b, x.at) == 77);
    CHECK(x.call<Protect>({.address = x.at, .bytes = page_bytes, .protection = GrantFixture::read_write}, b).status() ==
          Status::access_denied);
}

TEST_CASE("when a map ends, both keep the contents of that moment, each for itself") {
    Lent x;
    x.put(b, x.at, 33);
    SECTION("the grantor revokes the grant") { CHECK(x.revoke(x.grant)->ended == 1); }
    SECTION("the grantor revokes the range") {
        CHECK(x.call<SaferevokeRange>({.address = page(1), .bytes = page_bytes}, a)->ended == 1);
    }
    SECTION("the grantee ends it") { CHECK(x.call<Safeunmap>({.address = x.at}, b).has_value()); }
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.clean());
    CHECK(x.separate(33));
    CHECK(x.get(b, x.at + page_bytes) == 12);
    CHECK(x.clean());
}

TEST_CASE("a map that is ended for reading leaves memory that its process may make writable") {
    Lent x(Protection::read);
    REQUIRE(x.revoke(x.grant).has_value());
    CHECK(x.touch(b, x.at) == Status::bad_address);
    REQUIRE(x.call<Protect>({.address = x.at, .bytes = 4 * page_bytes, .protection = GrantFixture::read_write}, b)
                .has_value());
    CHECK(x.separate(11));
}

TEST_CASE("revoking a range ends the maps that touch it, and no others") {
    GrantFixture x;
    const VirtualAddress first = x.safemap(b, x.make_grant(a, page(0), 2 * page_bytes), 2)->address;
    const VirtualAddress second = x.safemap(b, x.make_grant(a, page(2), 2 * page_bytes), 2)->address;
    CHECK(x.call<SaferevokeRange>({.address = page(4), .bytes = 4 * page_bytes}, a)->ended == 0);
    CHECK(x.call<SaferevokeRange>({.address = page(1), .bytes = page_bytes}, a)->ended == 1);
    CHECK(!x.same(a, page(1), b, first + page_bytes));
    CHECK(x.same(a, page(2), b, second));
    CHECK(x.clean());
}

TEST_CASE("a grant can be mapped again after it was revoked") {
    Lent x;
    REQUIRE(x.revoke(x.grant).has_value());
    x.put(a, page(1), 44);
    const VirtualAddress again = x.safemap(b, x.grant, 4)->address;
    CHECK(x.get(b, again) == 44);
    CHECK(x.get(b, x.at) == 11);
    CHECK(x.clean());
}

TEST_CASE("unmapping either end ends a map") {
    Lent x;
    SECTION("a page in the middle of the grantee's") {
        REQUIRE(x.call<Unmap>({.address = x.at + page_bytes, .bytes = page_bytes}, b).has_value());
        CHECK(x.touch(b, x.at + page_bytes) == Status::bad_address);
        CHECK(x.separate(11));
    }
    SECTION("a page of the owner's") {
        REQUIRE(x.call<Unmap>({.address = page(2), .bytes = page_bytes}, a).has_value());
        CHECK(x.touch(a, page(2)) == Status::bad_address);
        CHECK(x.get(b, x.at + page_bytes) == 12);
        CHECK(x.separate(11));
    }
    SECTION("the owner maps something else over it") {
        REQUIRE(x.call<Map>({.address = page(2),
                             .bytes = page_bytes,
                             .protection = Protection::read,
                             .placement = MapPlacement::exactly},
                            a)
                    .has_value());
        CHECK(x.get(a, page(2)) == 0);
        CHECK(x.get(b, x.at + page_bytes) == 12);
        CHECK(x.separate(11));
    }
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.clean());
}

TEST_CASE("the death of either end ends a map, and leaves nothing behind") {
    Lent x;
    const Endpoint dead = GENERATE(a, b);
    x.end(dead);
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.get(dead == a ? b : a, dead == a ? x.at : page(1)) == 11);
    CHECK(x.clean());
    x.end(dead == a ? b : a);
    CHECK(x.clean());
}

TEST_CASE("a chain of five: whoever revokes or dies, every map by way of him ends, and no other") {
    GrantFixture x;
    x.put(a, page(0), 1);
    // One map by each part of the chain a -> b -> c -> d -> e: f has them all.
    const std::vector<Endpoint> whole{e, d, c, b};
    std::vector<GrantHop> grants;
    std::vector<VirtualAddress> at;
    for (std::size_t hops = 0; hops <= whole.size(); ++hops) {
        grants.push_back(x.make_grant(a, page(0), page_bytes, {whole.end() - hops, whole.end()}));
        at.push_back(x.safemap(f, grants.back(), 1)->address);
    }
    const std::size_t who = GENERATE(0u, 1u, 2u, 3u, 4u); // a, b, c, d, e
    const std::array processes{a, b, c, d, e};
    const bool dies = GENERATE(false, true);
    x.put(a, page(0), 7);
    if (dies) {
        x.end(processes[who]);
    } else {
        for (const GrantHop& grant : grants) (void)x.revoke({processes[who], grant.grant});
    }
    CHECK(x.machine.maps.count() == who);
    for (std::size_t hops = 0; hops < at.size(); ++hops) {
        const bool lasts = hops < who;
        CHECK(x.get(f, at[hops]) == 7);
        if (!dies || who > 0) CHECK(x.same(a, page(0), f, at[hops]) == lasts);
        if (!dies || who > 0) x.put(a, page(0), 7);
    }
    CHECK(x.clean());
}

TEST_CASE("several maps of the same pages: the end of one is not that of the others") {
    Lent x;
    const VirtualAddress other = x.safemap(c, x.grant, 4)->address;
    const VirtualAddress twice = x.safemap(c, x.grant, 4)->address;
    CHECK(x.same(b, x.at, c, other));
    CHECK(x.same(c, twice, a, page(1)));
    SECTION("the grantee ends one of his own") {
        REQUIRE(x.call<Safeunmap>({.address = other}, c).has_value());
        CHECK(!x.same(c, other, c, twice));
        CHECK(x.same(b, x.at, c, twice));
    }
    SECTION("one grantee dies") {
        x.end(b);
        CHECK(x.same(c, other, c, twice));
        CHECK(x.same(a, page(1), c, twice));
    }
    SECTION("the owner dies") {
        x.put(a, page(1), 9);
        x.end(a);
        for (const VirtualAddress at : {other, twice}) CHECK(x.get(c, at) == 9);
        CHECK(x.get(b, x.at) == 9);
        CHECK(!x.same(c, other, c, twice));
        CHECK(!x.same(c, other, b, x.at));
    }
    CHECK(x.clean());
}

TEST_CASE("memory that one has by a map can be lent further, and goes with that map") {
    Lent x;
    const VirtualAddress further = x.safemap(c, x.make_grant(b, x.at + page_bytes, 2 * page_bytes), 2)->address;
    CHECK(x.same(a, page(2), c, further));
    SECTION("the first ends") { CHECK(x.revoke(x.grant)->ended == 2); }
    SECTION("the one in the middle dies") { x.end(b); }
    SECTION("the first owner dies") { x.end(a); }
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.get(c, further) == 102);
    CHECK(x.clean());
}

TEST_CASE("the end of the further map leaves the first alone") {
    Lent x;
    const GrantHop grant = x.make_grant(b, x.at, page_bytes);
    const VirtualAddress further = x.safemap(c, grant, 1)->address;
    REQUIRE(x.revoke(grant)->ended == 1);
    CHECK(x.same(a, page(1), b, x.at));
    CHECK(!x.same(a, page(1), c, further));
    CHECK(x.clean());
}

TEST_CASE("a map for reading is lent for reading only") {
    Lent x(Protection::read);
    const GrantHop grant = x.make_grant(b, x.at, page_bytes);
    CHECK(x.safemap(c, grant, 1).status() == Status::access_denied);
    CHECK(x.safemap(c, grant, 1, Protection::read).has_value());
}

TEST_CASE("a child gets a copy of memory that is lent, at once") {
    Lent x;
    const Endpoint parent = GENERATE(a, b);
    const VirtualAddress at = parent == a ? page(1) : x.at;
    x.fork(parent, child);
    CHECK(x.same(a, page(1), b, x.at));
    CHECK(x.get(child, at) == 11);
    x.put(child, at, 70);
    CHECK(x.get(a, page(1)) == 102);
    CHECK(x.machine.maps.count() == 1);
    CHECK(x.clean());
    x.end(child);
    CHECK(x.same(a, page(1), b, x.at));
    CHECK(x.clean());
}

TEST_CASE("memory that a child has too is the owner's alone before it is lent") {
    GrantFixture x;
    x.put(a, page(0), 5);
    x.fork(a, child);
    const VirtualAddress at = x.safemap(b, x.make_grant(a, page(0), page_bytes), 1)->address;
    CHECK(x.same(a, page(0), b, at));
    CHECK(x.get(child, page(0)) == 5);
    CHECK(x.clean());
}

TEST_CASE("a map replaces what was at its address") {
    Lent x;
    for (int i = 0; i < 4; ++i) x.put(c, page(i), 90);
    const auto mapped = x.safemap(c, x.grant, 2, GrantFixture::read_write, page(1), page_bytes);
    REQUIRE(mapped.has_value());
    CHECK(mapped->address == page(1));
    CHECK(x.get(c, page(0)) == 90);
    CHECK(x.get(c, page(1)) == 12);
    CHECK(x.get(c, page(2)) == 13);
    CHECK(x.get(c, page(3)) == 90);
    SECTION("and another that") {
        REQUIRE(x.safemap(c, x.grant, 1, GrantFixture::read_write, page(2)).has_value());
        CHECK(x.get(c, page(2)) == 11);
        CHECK(x.get(c, page(1)) == 12);
        CHECK(x.machine.maps.count() == 2);
    }
    CHECK(x.clean());
}

TEST_CASE("a map over memory of its own source's owner") {
    // b lends what it has from a back to a, over the very pages.
    Lent x;
    const GrantHop back = x.make_grant(b, x.at, 4 * page_bytes);
    REQUIRE(x.safemap(a, back, 4, GrantFixture::read_write, page(2)).has_value());
    CHECK(x.get(a, page(2)) == 11);
    CHECK(x.get(a, page(5)) == 14);
    CHECK(x.same(a, page(2), b, x.at));
    CHECK(x.clean());
}

TEST_CASE("memory that cannot be mapped") {
    GrantFixture x;
    const auto mapped = [&](VirtualAddress address, std::uint64_t bytes = page_bytes, Endpoint owner = a) {
        return x.safemap(b, x.make_grant(owner, address, bytes), bytes / page_bytes).status();
    };
    SECTION("no memory") { CHECK(mapped(page(8)) == Status::access_denied); }
    SECTION("partly no memory") { CHECK(mapped(page(7), 2 * page_bytes) == Status::access_denied); }
    SECTION("memory of the kernel") { CHECK(mapped(user_layout::clock) == Status::access_denied); }
    SECTION("shared memory") {
        const auto shared = x.call<Map>(
            {.bytes = page_bytes, .protection = GrantFixture::read_write, .sharing = MapSharing::shared}, a);
        CHECK(mapped(shared->address) == Status::access_denied);
    }
    SECTION("memory that its owner may only read") {
        REQUIRE(
            x.call<Protect>({.address = page(0), .bytes = page_bytes, .protection = Protection::read}, a).has_value());
        CHECK(mapped(page(0)) == Status::access_denied);
        const GrantHop grant = x.make_grant(a, page(0), page_bytes);
        CHECK(x.safemap(b, grant, 1, Protection::read).has_value());
        CHECK(x.revoke(grant)->ended == 1);
    }
    SECTION("one's own") { CHECK(mapped(page(0), page_bytes, b) == Status::access_denied); }
    SECTION("of VM") { CHECK(mapped(page(0), page_bytes, endpoints::vm) == Status::access_denied); }
    SECTION("no whole page") { CHECK(mapped(page(0) + 8) == Status::invalid); }
    SECTION("over the budget") {
        CHECK(x.call<Map>({.address = {},
                           .bytes = (x.machine.spaces.space(b)->budget().left()) * page_bytes,
                           .protection = Protection::read,
                           .sharing = MapSharing::shared},
                          b)
                  .has_value());
        CHECK(mapped(page(0)) == Status::out_of_memory);
    }
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.clean());
}

TEST_CASE("requests for maps that make no sense") {
    GrantFixture x;
    SECTION("no bytes, or odd ones") {
        const GrantHop grant = x.make_grant(a, page(0), page_bytes);
        for (const std::uint64_t bytes : {std::uint64_t{0}, page_bytes - 1, ~std::uint64_t{0}})
            CHECK(
                x.call<Safemap>({.grantor = a, .grant = grant.grant, .bytes = bytes, .protection = Protection::read}, b)
                    .status() == Status::invalid);
    }
    SECTION("an access that there is not") {
        for (const Protection protection : {Protection::none, Protection::read | Protection::execute})
            CHECK(x.safemap(b, x.make_grant(a, page(0), page_bytes), 1, protection).status() == Status::invalid);
    }
    SECTION("an address that cannot be") {
        const GrantHop grant = x.make_grant(a, page(0), page_bytes);
        for (const VirtualAddress address : {page(0) + 1, VirtualAddress{page_bytes}, user_layout::end})
            CHECK(x.safemap(b, grant, 1, Protection::read, address).status() == Status::invalid);
    }
    SECTION("without the right") {
        const GrantHop grant = x.make_grant(a, page(0), page_bytes, {}, GrantRights::read | GrantRights::map);
        CHECK(x.safemap(b, grant, 1).status() == Status::not_permitted);
        const GrantHop copied = x.make_grant(a, page(0), page_bytes, {}, GrantRights::read | GrantRights::write);
        CHECK(x.safemap(b, copied, 1, Protection::read).status() == Status::not_permitted);
    }
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.clean());
}

TEST_CASE("the end of what is no map") {
    GrantFixture x;
    CHECK(x.call<Safeunmap>({.address = page(0)}, b).status() == Status::bad_address);
    CHECK(x.call<Safeunmap>({.address = page(100)}, b).status() == Status::bad_address);
    CHECK(x.call<Saferevoke>({GrantId{}}, b).status() == Status::invalid);
    CHECK(x.call<Saferevoke>({GrantId{5, 5}}, b)->ended == 0);
    CHECK(x.call<SaferevokeRange>({.address = page(0) + 1, .bytes = 1}, b).status() == Status::invalid);
    CHECK(x.call<SaferevokeRange>({.address = page(0), .bytes = 0}, b).status() == Status::invalid);
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.clean());
}

TEST_CASE("mapping granted memory fails at any allocation: nothing is lost of the owner's, and nothing leaks") {
    for (std::uint64_t failing = 1; failing < 100; ++failing) {
        GrantFixture x;
        for (int i = 0; i < 8; ++i) x.put(a, page(i), i);
        x.fork(a, child);
        const auto before = x.machine.frames.counts();
        x.machine.frames.failures().fail(failing);
        const auto mapped = x.safemap(b, x.make_grant(a, page(0), 8 * page_bytes), 8);
        x.machine.frames.failures().fail(0);
        CHECK(x.clean());
        for (int i = 0; i < 8; ++i) CHECK(x.get(a, page(i)) == i);
        for (int i = 0; i < 8; ++i) CHECK(x.get(child, page(i)) == i);
        if (mapped.has_value()) {
            CHECK(failing > 4);
            CHECK(x.get(b, mapped->address + 7 * page_bytes) == 7);
            return;
        }
        CHECK(mapped.error() == Status::out_of_memory);
        CHECK(x.machine.maps.count() == 0);
        CHECK(x.machine.frames.counts().free <= before.free);
    }
    FAIL("it never succeeded");
}

TEST_CASE("without memory for copies a map that others share does not end, unless its process dies") {
    GrantFixture x;
    for (int i = 0; i < 8; ++i) x.put(a, page(i), i);
    const GrantHop grant = x.make_grant(a, page(0), 8 * page_bytes);
    const VirtualAddress at = x.safemap(b, grant, 8)->address;
    const GrantHop other = x.make_grant(a, page(0), 8 * page_bytes, {d});
    const VirtualAddress there = x.safemap(c, other, 8)->address;
    while (x.machine.frames.counts().free > vm::FrameAllocator::reserve_pages + 2)
        REQUIRE(x.machine.frames.allocate(vm::FrameUse::process).has_value());
    CHECK(x.revoke(grant).status() == Status::out_of_memory);
    CHECK(x.call<Safeunmap>({.address = at}, b).status() == Status::out_of_memory);
    CHECK(x.call<Unmap>({.address = at, .bytes = page_bytes}, b).status() == Status::out_of_memory);
    CHECK(x.same(a, page(3), b, at + 3 * page_bytes));
    CHECK(x.same(a, page(3), c, there + 3 * page_bytes));
    CHECK(x.machine.maps.count() == 2);
    x.end(d); // the map of c needs copies: that of b ends as well
    CHECK(x.machine.maps.count() == 0);
    CHECK(x.get(b, at + 3 * page_bytes) == 102);
    CHECK(x.get(c, there + 3 * page_bytes) == 102);
    CHECK(x.get(c, there) == 0);
}
