// SPDX-License-Identifier: BSD-3-Clause
// Large copies, whose pages are shared until somebody writes to them.

#include "tests/unit/vm/grant_fixture.h"

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::GrantFixture;

namespace {

constexpr Endpoint a{4, 1}, b{5, 1}, c{6, 1}, child{20, 1};
const auto page = GrantFixture::page;

struct Copied : GrantFixture {
    Copied() {
        for (int i = 0; i < 8; ++i) {
            put(a, page(i), 10 + i);
            put(a, page(i) + page_bytes - 1, 20 + i);
        }
    }
    GrantHop grant = make_grant(a, page(0), 8 * page_bytes);
    std::uint32_t users(Endpoint process, VirtualAddress at) {
        return machine.frames.references(machine.spaces.space(process)->table().find(at).address());
    }
    std::uint64_t free_pages() { return machine.frames.counts().free; }
};

} // namespace

TEST_CASE("whole pages of a large copy are shared until one of the two writes") {
    Copied x;
    x.put(b, page(7), 1); // the page table is there
    const auto free_before = x.free_pages();
    REQUIRE(x.safecopy(b, x.grant, page(0), 4 * page_bytes) == Status::ok);
    CHECK(x.free_pages() == free_before);
    for (int i = 0; i < 4; ++i) {
        CHECK(x.users(a, page(i)) == 2);
        CHECK(x.get(b, page(i)) == 10 + i);
        CHECK(x.get(b, page(i) + page_bytes - 1) == 20 + i);
    }
    x.put(b, page(0), 99);
    CHECK(x.get(a, page(0)) == 10);
    x.put(a, page(1), 98);
    CHECK(x.get(b, page(1)) == 11);
    CHECK(x.clean());
    x.end(a);
    CHECK(x.get(b, page(2)) == 12);
    CHECK(x.clean());
}

TEST_CASE("head and tail of a large copy are copied, and no byte beside them") {
    Copied x;
    x.put(b, page(0), 1);
    x.put(b, page(3) + page_bytes - 1, 2);
    REQUIRE(x.safecopy(b, x.grant, page(0) + 8, 4 * page_bytes - 16, CopyDirection::from_grant, 8) == Status::ok);
    CHECK(x.get(b, page(0)) == 1);
    CHECK(x.get(b, page(0) + page_bytes - 1) == 20);
    CHECK(x.get(b, page(1)) == 11);
    CHECK(x.get(b, page(3)) == 13);
    CHECK(x.get(b, page(3) + page_bytes - 1) == 2);
    CHECK(x.users(a, page(0)) == 1);
    CHECK(x.users(a, page(1)) == 2);
    CHECK(x.users(a, page(3)) == 1);
    CHECK(x.clean());
}

TEST_CASE("a large copy into granted memory replaces what was there") {
    Copied x;
    for (int i = 0; i < 4; ++i) x.put(b, page(i), 40 + i);
    REQUIRE(x.safecopy(b, x.grant, page(0), 2 * page_bytes, CopyDirection::to_grant, page_bytes) == Status::ok);
    CHECK(x.get(a, page(0)) == 10);
    CHECK(x.get(a, page(1)) == 40);
    CHECK(x.get(a, page(2)) == 41);
    CHECK(x.get(a, page(3)) == 13);
    x.put(b, page(0), 1);
    CHECK(x.get(a, page(1)) == 40);
    CHECK(x.clean());
}

TEST_CASE("pages that do not lie alike are copied") {
    Copied x;
    REQUIRE(x.safecopy(b, x.grant, page(0) + 100, 3 * page_bytes) == Status::ok);
    CHECK(x.get(b, page(0) + 100) == 10);
    CHECK(x.get(b, page(2) + 100) == 12);
    CHECK(x.get(b, page(3) + 99) == 22);
    CHECK(x.users(a, page(1)) == 1);
}

TEST_CASE("a copy that was made before is not made again") {
    Copied x;
    REQUIRE(x.safecopy(b, x.grant, page(0), 4 * page_bytes) == Status::ok);
    REQUIRE(x.safecopy(b, x.grant, page(0), 4 * page_bytes) == Status::ok);
    CHECK(x.users(a, page(0)) == 2);
    REQUIRE(x.safecopy(c, x.grant, page(0), 4 * page_bytes) == Status::ok);
    CHECK(x.users(a, page(0)) == 3);
    x.put(a, page(0), 90);
    CHECK(x.get(b, page(0)) == 10);
    CHECK(x.get(c, page(0)) == 10);
    CHECK(x.clean());
}

TEST_CASE("a copy of pages that a child has too") {
    Copied x;
    x.fork(a, child);
    REQUIRE(x.safecopy(b, x.grant, page(0), 2 * page_bytes) == Status::ok);
    CHECK(x.users(a, page(0)) == 3);
    x.put(child, page(0), 91);
    x.put(b, page(0), 92);
    CHECK(x.get(a, page(0)) == 10);
    CHECK(x.get(child, page(0)) == 91);
    CHECK(x.clean());
}

TEST_CASE("pages that are lent are copied at once: neither end of their map notices") {
    Copied x;
    const VirtualAddress at = x.safemap(c, x.grant, 2)->address;
    SECTION("from") {
        REQUIRE(x.safecopy(b, x.grant, page(0), 4 * page_bytes) == Status::ok);
        CHECK(x.get(b, page(1)) == 11);
        CHECK(x.users(a, page(0)) == 2); // a and c
        CHECK(x.users(a, page(2)) == 2); // a and b
    }
    SECTION("to") {
        x.put(b, page(0), 70);
        REQUIRE(x.safecopy(b, x.grant, page(0), 4 * page_bytes, CopyDirection::to_grant) == Status::ok);
        CHECK(x.get(c, at) == 70);
    }
    SECTION("to who has them by a map") {
        const GrantHop back = x.make_grant(c, at, 2 * page_bytes);
        x.put(b, page(0), 71);
        REQUIRE(x.safecopy(b, back, page(0), 2 * page_bytes, CopyDirection::to_grant) == Status::ok);
        CHECK(x.get(a, page(0)) == 71);
    }
    CHECK(x.same(a, page(0), c, at));
    CHECK(x.same(a, page(1), c, at + page_bytes));
    CHECK(x.clean());
}

TEST_CASE("a copy over several regions, with pages that nobody touched") {
    Copied x;
    // In the middle of b's: a region of another kind, and one that is for reading.
    REQUIRE(x.call<Map>({.address = page(2),
                         .bytes = page_bytes,
                         .protection = GrantFixture::read_write,
                         .placement = MapPlacement::exactly,
                         .sharing = MapSharing::shared},
                        b)
                .has_value());
    REQUIRE(x.safecopy(b, x.grant, page(0), 8 * page_bytes) == Status::ok);
    for (int i = 0; i < 8; ++i) CHECK(x.get(b, page(i)) == 10 + i);
    CHECK(x.users(a, page(2)) == 1);
    const GrantHop untouched = x.make_grant(c, page(0), 8 * page_bytes);
    REQUIRE(x.safecopy(b, untouched, page(0), 8 * page_bytes) == Status::ok);
    for (int i = 0; i < 8; ++i) CHECK(x.get(b, page(i)) == 0);
    CHECK(x.clean());
}

TEST_CASE("large copies that are refused") {
    Copied x;
    SECTION("no memory of the caller") { CHECK(x.safecopy(b, x.grant, page(8), page_bytes) == Status::bad_address); }
    SECTION("memory of the caller that it cannot write") {
        REQUIRE(
            x.call<Protect>({.address = page(0), .bytes = page_bytes, .protection = Protection::read}, b).has_value());
        CHECK(x.safecopy(b, x.grant, page(0), page_bytes) == Status::bad_address);
        CHECK(x.safecopy(b, x.grant, page(0), page_bytes, CopyDirection::to_grant) == Status::ok);
    }
    SECTION("not user space") {
        CHECK(x.safecopy(b, x.grant, user_layout::end, page_bytes) == Status::bad_address);
        CHECK(x.safecopy(b, x.grant, {~0ull - 100}, page_bytes) == Status::bad_address);
    }
    SECTION("too much") { CHECK(x.safecopy(b, x.grant, page(0), 1ull << 40) == Status::too_big); }
    SECTION("to oneself") { CHECK(x.safecopy(a, x.grant, page(4), page_bytes) == Status::invalid); }
    SECTION("no such grant") { CHECK(x.safecopy(b, {a, GrantId{77, 7}}, page(0), 1) == Status::not_permitted); }
    SECTION("beyond the grant") { CHECK(x.safecopy(b, x.grant, page(0), 8 * page_bytes + 1) == Status::not_permitted); }
    SECTION("a direction that there is not") {
        CHECK(x.safecopy(b, x.grant, page(0), 1, static_cast<CopyDirection>(2)) == Status::invalid);
    }
    CHECK(x.clean());
}

TEST_CASE("a large copy fails at any allocation: what was copied is whole pages, and nothing leaks") {
    for (std::uint64_t failing = 1; failing < 100; ++failing) {
        Copied x;
        x.machine.frames.failures().fail(failing);
        const Status copied = x.safecopy(b, x.grant, page(0) + 8, 8 * page_bytes - 16, CopyDirection::from_grant, 8);
        x.machine.frames.failures().fail(0);
        CHECK(x.clean());
        for (int i = 0; i < 8; ++i) CHECK(x.get(a, page(i)) == 10 + i);
        if (copied == Status::ok) {
            CHECK(failing > 2);
            return;
        }
        CHECK(copied == Status::out_of_memory);
    }
    FAIL("it never succeeded");
}
