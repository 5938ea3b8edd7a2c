// SPDX-License-Identifier: BSD-3-Clause
// Maps of granted memory through forks, deaths and revocations, over holes, and more of them than MINIX had room for:
// behaviour file, section 7.3, its tests 4 to 6 and what it lists as not covered. Plain ones are in safemap_tests.cpp.

#include "servers/runtime/clock.h"
#include "servers/runtime/given_grant.h"
#include "tests/target/child.h"
#include "tests/target/map_fixture.h"
#include "tests/target/page_pattern.h"
#include <array>

namespace tessera::target {

namespace {

using namespace protocol::vm;
using runtime::Grant;

constexpr std::uint64_t all_bytes = MapFixture::pages * page_bytes;

// For those who run: a child, its offspring, or the connection to a service.
template <class Partner> std::uint64_t word_of(Partner& partner, VirtualAddress at) {
    return require_value(partner.template call<AccessWord>({.address = at, .value = 0, .how = AccessWord::How::read}))
        .value;
}
template <class Partner> void set_word_of(Partner& partner, VirtualAddress at, std::uint64_t value) {
    require_value(partner.template call<AccessWord>({.address = at, .value = value, .how = AccessWord::How::write}));
}
template <class Partner> VirtualAddress new_memory_of(Partner& partner, std::uint64_t bytes = all_bytes) {
    return require_value(partner.template call<MapMemory>({.address = {}, .bytes = bytes})).address;
}
template <class Partner> VirtualAddress map_in(Partner& partner, Endpoint grantor, GrantId grant) {
    const auto mapped = require_value(partner.template call<MapGrant>({.grantor = grantor,
                                                                       .grant = grant,
                                                                       .offset = 0,
                                                                       .bytes = all_bytes,
                                                                       .address = {},
                                                                       .protection = MapFixture::read_write}));
    require_status(mapped.status, Status::ok, "the map");
    return mapped.address;
}

// A view of memory that a user process has, by a magic grant of the second assistant's.
class ViewOfUser {
public:
    ViewOfUser(MapFixture& f, Endpoint user, VirtualAddress memory) : f_(f) {
        const GrantId grant =
            require_value(
                f.connection(f.b).call<GrantMagic>(
                    {.grantee = f.self, .process = user, .address = memory, .bytes = all_bytes, .rights = all_rights}))
                .grant;
        view_ = require_value(runtime::GivenGrant(f.b, grant).map_writable(0, all_bytes));
    }
    ViewOfUser(const ViewOfUser&) = delete;
    ViewOfUser& operator=(const ViewOfUser&) = delete;
    ~ViewOfUser() { f_.drop_grants(f_.b); }

    volatile std::uint64_t& word() const { return *reinterpret_cast<volatile std::uint64_t*>(view_.bytes().data()); }

private:
    MapFixture& f_;
    runtime::MappedView<std::byte> view_;
};

// Test 4: the child of a grantee has a copy of the moment of its fork.
void a_grantee_forks(Environment& environment) {
    MapFixture f(environment);
    Child grantee;
    const Grant grant = f.grant(grantee.endpoint());
    const VirtualAddress at = map_in(grantee, f.self, grant.id());
    set_word_of(grantee, at, 10);
    Offspring copy(grantee);
    f.word(0) = 20;
    require_equal(word_of(grantee, at), 20, "what the grantee has");
    require_equal(word_of(copy, at), 10, "what its child has");
    set_word_of(copy, at, 30);
    require_equal(static_cast<std::uint64_t>(f.word(0)), 20, "what we have after a write of the child");
    set_word_of(grantee, at, 40);
    require_equal(static_cast<std::uint64_t>(f.word(0)), 40, "what we have after a write of the grantee");
    require_equal(word_of(copy, at), 30, "what the child has then");
}

// Test 5: memory that is copied on write is lent, and the child does not notice; nor does one that comes later.
void an_owner_forks(Environment& environment) {
    MapFixture f(environment);
    Child owner;
    const VirtualAddress at = new_memory_of(owner);
    set_word_of(owner, at, 21);
    Offspring before(owner);
    const ViewOfUser view(f, owner.endpoint(), at);
    require_equal(static_cast<std::uint64_t>(view.word()), 21, "what was lent");
    set_word_of(before, at, 22);
    require_equal(static_cast<std::uint64_t>(view.word()), 21, "what we have after a write of the child");
    require_equal(word_of(owner, at), 21, "what the owner has after it");
    view.word() = 23;
    require_equal(word_of(owner, at), 23, "what the owner has after our write");
    require_equal(word_of(before, at), 22, "what the child has after it");
    Offspring after(owner);
    set_word_of(owner, at, 24);
    require_equal(static_cast<std::uint64_t>(view.word()), 24, "still lent");
    require_equal(word_of(after, at), 23, "what the child of a lender has");
}

// Test 6: pages that a large copy shares are lent, and who copied them keeps its own.
void lent_after_a_large_copy(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const auto copied = require_value(environment.assistant.call<UseGrant>({.grantor = f.self,
                                                                            .grant = grant.id(),
                                                                            .offset = 0,
                                                                            .bytes = all_bytes,
                                                                            .direction = UseGrant::Direction::to,
                                                                            .own = UseGrant::OwnMemory::good,
                                                                            .fill = 10}));
    require_status(copied.status, Status::ok);
    constexpr std::uint64_t tens = 0x0a0a'0a0a'0a0a'0a0a;
    const VirtualAddress at = f.map(f.a, f.self, grant.id());
    for (std::uint64_t i = 0; i < MapFixture::pages; ++i) {
        require_equal(static_cast<std::uint64_t>(f.word(i)), tens, "what we have");
        require_equal(f.read(f.a, at + i * page_bytes), tens, "what it has");
    }
    require(f.shared_with(f.a, at), "it is a map");
    require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
}

void one_of_two_is_revoked(Environment& environment) {
    MapFixture f(environment);
    const Grant lasting = f.grant(f.a);
    Grant ending = f.grant(f.b);
    const VirtualAddress at_a = f.map(f.a, f.self, lasting.id());
    const VirtualAddress at_b = f.map(f.b, f.self, ending.id());
    f.word(0) = 30;
    ending = Grant();
    f.require_separate(f.b, at_b, 30);
    require(f.shared_with(f.a, at_a), "the other lasts");
    require_status(f.unmap(f.a, at_a, Unmapping::munmap), Status::ok);
    require_status(f.unmap(f.b, at_b, Unmapping::munmap), Status::ok);
}

void one_grant_of_two_grantees(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(endpoints::any);
    const std::array grantees{f.a, f.b};
    std::array<VirtualAddress, 2> at{};
    for (std::size_t i = 0; i < at.size(); ++i) at[i] = f.map(grantees[i], f.self, grant.id());
    f.word(0) = 40;
    const auto revoked = runtime::call<VmProtocol, Saferevoke>(endpoints::vm, {.grant = grant.id()});
    require_equal(require_value(revoked).ended, 2u, "maps ended");
    f.write(f.a, at[0], 41);
    require_equal(f.read(f.b, at[1]), 40, "what the other has");
    f.require_separate(f.b, at[1], 40);
    for (std::size_t i = 0; i < at.size(); ++i)
        require_status(f.unmap(grantees[i], at[i], Unmapping::munmap), Status::ok);
}

void a_grantee_dies(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(endpoints::any);
    const VirtualAddress at = f.map(f.a, f.self, grant.id());
    {
        Child grantee;
        set_word_of(grantee, map_in(grantee, f.self, grant.id()), 51);
        (void)grantee.call<Misbehave>({.how = Misbehaviour::read_null, .delay_milliseconds = 0});
        (void)grantee.wait();
    }
    require_equal(static_cast<std::uint64_t>(f.word(0)), 51, "what it wrote");
    require(f.shared_with(f.a, at), "the map of the other lasts");
    require_equal(require_value(runtime::call<VmProtocol, Saferevoke>(endpoints::vm, {.grant = grant.id()})).ended, 1u,
                  "maps ended");
    require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
}

// The memory is a user process's, and so is the death: when PM tells of it, VM has heard.
void an_owner_dies(Environment& environment) {
    MapFixture f(environment);
    Child owner;
    const VirtualAddress at = new_memory_of(owner);
    set_word_of(owner, at, 61);
    const ViewOfUser view(f, owner.endpoint(), at);
    require_equal(static_cast<std::uint64_t>(view.word()), 61, "what was lent");
    require_value(owner.kill());
    (void)owner.wait();
    require_equal(static_cast<std::uint64_t>(view.word()), 61, "what we keep");
    view.word() = 62;
    const auto next = runtime::call<VmProtocol, SafemapNext>(
        endpoints::vm, {.process = f.self, .from = {reinterpret_cast<std::uint64_t>(&view.word())}});
    require_status(next.status(), Status::no_entry, "a map of ours");
}

// The memory is the grantor's own, and the grantor a service.
void a_grantor_dies(Environment& environment) {
    MapFixture f(environment);
    const VirtualAddress at = new_memory_of(environment.assistant);
    set_word_of(environment.assistant, at, 71);
    const GrantId grant = f.pass_on(f.a, {.grantee = f.b,
                                          .grantor = endpoints::none,
                                          .grant = {},
                                          .rights = all_rights,
                                          .offset = at.value,
                                          .bytes = all_bytes});
    const VirtualAddress there = f.map(f.b, f.a, grant);
    (void)environment.assistant.call<Misbehave>({.how = Misbehaviour::exit_with_7, .delay_milliseconds = 0});
    const Nanoseconds deadline = now() + milliseconds(2000);
    while (runtime::call<VmProtocol, SafemapNext>(endpoints::vm, {.process = f.b, .from = there}).has_value()) {
        require(now() < deadline, "the map ends with its grantor");
        (void)sleep_for(milliseconds(1));
    }
    require_equal(f.read(f.b, there), 71, "what is kept");
    f.write(f.b, there, 72);
    require_status(f.try_map(f.b, f.a, grant).status, Status::dead_endpoint, "a map of the dead");
    require_status(f.unmap(f.b, there, Unmapping::munmap), Status::ok);
}

void many_maps(Environment& environment) {
    constexpr std::uint32_t count = 64; // MINIX had room for 20
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    std::array<VirtualAddress, count> at;
    for (std::size_t i = 0; i < count; ++i) {
        const auto mapped =
            f.try_map(f.a, f.self, grant.id(), MapFixture::read_write, page_bytes, i % MapFixture::pages * page_bytes);
        require_status(mapped.status, Status::ok);
        at[i] = mapped.address;
    }
    for (std::size_t i = 0; i < MapFixture::pages; ++i) f.word(i) = 80 + i;
    for (std::size_t i = 0; i < count; ++i) require_equal(f.read(f.a, at[i]), 80 + i % MapFixture::pages, "each");
    require_equal(require_value(runtime::call<VmProtocol, Saferevoke>(endpoints::vm, {.grant = grant.id()})).ended,
                  count, "maps ended");
    for (std::size_t i = 0; i < MapFixture::pages; ++i) f.word(i) = 90 + i;
    for (std::size_t i = 0; i < count; ++i) {
        require_equal(f.read(f.a, at[i]), 80 + i % MapFixture::pages, "each afterwards");
        require_status(f.unmap(f.a, at[i], Unmapping::munmap, page_bytes), Status::ok);
    }
}

// Where the grantee wants the map, some pages are mapped, touched or not, and some are not.
void over_holes(Environment& environment) {
    MapFixture f(environment);
    const VirtualAddress at = new_memory_of(environment.assistant, all_bytes + page_bytes);
    set_word_of(environment.assistant, at, 5);
    set_word_of(environment.assistant, at + all_bytes, 6);
    require_status(f.unmap(f.a, at + 2 * page_bytes, Unmapping::munmap, 3 * page_bytes), Status::ok);
    const Grant grant = f.grant(f.a);
    const auto mapped = f.try_map(f.a, f.self, grant.id(), MapFixture::read_write, all_bytes, 0, at);
    require_status(mapped.status, Status::ok);
    require_equal(mapped.address.value, at.value, "where it was wanted");
    for (std::uint64_t i = 0; i < MapFixture::pages; ++i)
        require_equal(f.read(f.a, at + i * page_bytes), 10 + i, "each page");
    require_equal(f.read(f.a, at + all_bytes), 6, "the page behind");
    require(f.shared_with(f.a, at), "it is a map");
    require_status(f.unmap(f.a, at, Unmapping::munmap, all_bytes + page_bytes), Status::ok);
}

void holes_in_what_is_granted(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    require(munmap(f.memory().data() + 3 * page_bytes, page_bytes) == 0, "a hole");
    require_status(f.try_map(f.a, f.self, grant.id()).status, Status::access_denied, "with the hole");
    const auto mapped = f.try_map(f.a, f.self, grant.id(), MapFixture::read_write, 3 * page_bytes);
    require_status(mapped.status, Status::ok, "up to it");
    require(f.shared_with(f.a, mapped.address), "it is a map");
    require_status(f.unmap(f.a, mapped.address, Unmapping::munmap, 3 * page_bytes), Status::ok);
}

constexpr std::array tests{
    Test{"safemap.grantee_forks", a_grantee_forks},
    Test{"safemap.owner_forks", an_owner_forks},
    Test{"safemap.after_large_copy", lent_after_a_large_copy},
    Test{"safemap.one_of_two_revoked", one_of_two_is_revoked},
    Test{"safemap.one_grant_of_two", one_grant_of_two_grantees},
    Test{"safemap.grantee_dies", a_grantee_dies},
    Test{"safemap.owner_dies", an_owner_dies},
    Test{"safemap.grantor_dies", a_grantor_dies},
    Test{"safemap.many", many_maps},
    Test{"safemap.over_holes", over_holes},
    Test{"safemap.holes_in_grant", holes_in_what_is_granted},
};

} // namespace

std::span<const Test> safemap_life_tests() { return tests; }

} // namespace tessera::target
