// SPDX-License-Identifier: BSD-3-Clause
// Maps of granted memory between processes that run: behaviour file, section 7.3, and what it lists as not covered.

#include "kernel/abi/user_layout.h"
#include "tests/target/map_fixture.h"
#include "tests/target/partner.h"

namespace tessera::target {

namespace {

using runtime::Grant;
using Protection = MapFixture::Protection;

void both_see_writes(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const VirtualAddress at = f.map(f.a, f.self, grant.id());
    require_equal(f.read(f.a, at), 10, "our first word");
    require_equal(f.read(f.a, at + 7 * page_bytes), 17, "our last page");
    f.write(f.a, at, 33);
    require_equal(static_cast<std::uint64_t>(f.word(0)), 33, "its word");
    require(f.shared_with(f.a, at), "our write is seen");
    require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
}

void after_unmapping(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const VirtualAddress at = f.map(f.a, f.self, grant.id());
    require_status(f.unmap(f.a, at, Unmapping::safeunmap), Status::ok);
    f.require_separate(f.a, at, 10);
    require_status(f.unmap(f.a, at, Unmapping::safeunmap), Status::bad_address, "a second time");
    const VirtualAddress again = f.map(f.a, f.self, grant.id());
    require(f.shared_with(f.a, again), "mapped again");
    for (const VirtualAddress address : {at, again})
        require_status(f.unmap(f.a, address, Unmapping::munmap), Status::ok);
}

void after_revoking(Environment& environment) {
    MapFixture f(environment);
    VirtualAddress at;
    {
        const Grant grant = f.grant(f.a);
        at = f.map(f.a, f.self, grant.id());
        f.write(f.a, at, 20);
        require_equal(require_value(runtime::call<protocol::vm::VmProtocol, protocol::vm::Saferevoke>(
                                        endpoints::vm, {.grant = grant.id()}))
                          .ended,
                      1, "maps ended");
        f.require_separate(f.a, at, 20);
        f.word(0) = 21;
        require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
        at = f.map(f.a, f.self, grant.id()); // the grant itself stays
        require(f.shared_with(f.a, at), "mapped again");
        f.word(0) = 22;
    }
    f.require_separate(f.a, at, 22);
    require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
}

void revoking_a_range(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const VirtualAddress at = f.map(f.a, f.self, grant.id());
    const VirtualAddress memory{reinterpret_cast<std::uint64_t>(f.memory().data())};
    using protocol::vm::SaferevokeRange;
    const auto revoke = [](VirtualAddress address, std::uint64_t bytes) {
        return runtime::call<protocol::vm::VmProtocol, SaferevokeRange>(endpoints::vm,
                                                                        {.address = address, .bytes = bytes});
    };
    require_equal(require_value(revoke(memory + 3 * page_bytes, page_bytes)).ended, 1, "maps ended");
    require_equal(require_value(revoke(memory, 8 * page_bytes)).ended, 0, "maps ended");
    require_status(revoke(memory + 1, 1).status(), Status::invalid);
    f.require_separate(f.a, at, 10);
    require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
}

void read_only_maps_fault(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a, GrantRights::read | GrantRights::map);
    require_status(f.try_map(f.a, f.self, grant.id()).status, Status::not_permitted, "to write");
    const VirtualAddress at = f.map(f.a, f.self, grant.id(), Protection::read);
    require(f.shared_with(f.a, at), "our write is seen");
    require_status(
        environment.assistant.call<AccessWord>({.address = at, .value = 5, .how = AccessWord::How::write}).status(),
        Status::dead_endpoint, "it died of its write");
    require(f.word(0) != 5, "nothing was written");
}

void misuse(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const auto status = [&](GrantId id, std::uint64_t bytes, std::uint64_t offset = 0, VirtualAddress address = {}) {
        return f.try_map(f.a, f.self, id, MapFixture::read_write, bytes, offset, address).status;
    };
    require_status(status(grant.id(), 9 * page_bytes), Status::not_permitted, "more than was granted");
    require_status(status(grant.id(), page_bytes, 8 * page_bytes), Status::not_permitted, "behind it");
    require_status(status(grant.id(), page_bytes, 8), Status::invalid, "no whole page");
    require_status(status(grant.id(), 100), Status::invalid, "a part of a page");
    require_status(status(grant.id(), page_bytes, 0, {12345}), Status::invalid, "an odd address");
    require_status(status(grant.id(), page_bytes, 0, user_layout::end), Status::invalid, "not user space");
    require_status(status(GrantId{}, page_bytes), Status::not_permitted, "no grant");
    const Grant copies_only = f.grant(f.a, GrantRights::read | GrantRights::write);
    require_status(status(copies_only.id(), page_bytes), Status::not_permitted, "a grant for copies");
    const Grant for_b = f.grant(f.b);
    require_status(status(for_b.id(), page_bytes), Status::not_permitted, "a grant for somebody else");
    GrantId stale;
    {
        const Grant revoked = f.grant(f.a);
        stale = revoked.id();
    }
    require_status(status(stale, page_bytes), Status::not_permitted, "a revoked grant");
    const Endpoint dead(f.a.slot(), f.a.generation() + 100);
    require_status(f.try_map(f.a, dead, grant.id()).status, Status::dead_endpoint, "a dead grantor");
    require_status(f.unmap(f.a, {0x1234000}, Unmapping::safeunmap), Status::bad_address, "no map");
}

void several_maps(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const VirtualAddress at = f.map(f.a, f.self, grant.id());
    const Grant for_b = f.grant(f.b);
    const VirtualAddress other = f.map(f.b, f.self, for_b.id());
    f.write(f.b, other, 44);
    require_equal(f.read(f.a, at), 44, "what the other wrote");
    require_status(f.unmap(f.b, other, Unmapping::munmap), Status::ok);
    require(f.shared_with(f.a, at), "the first lasts");
    require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
}

void chains(Environment& environment) {
    MapFixture f(environment);
    // Ours, passed on by a, b, a, b and a; b has the pages at last.
    const Grant grant = f.grant(f.a);
    GrantId id = grant.id();
    Endpoint grantor = f.self;
    for (int i = 0; i < 5; ++i) {
        const Endpoint who = i % 2 == 0 ? f.a : f.b;
        const Endpoint next = i % 2 == 0 ? f.b : f.a;
        id = f.pass_on(who, {.grantee = next,
                             .grantor = grantor,
                             .grant = id,
                             .rights = all_rights,
                             .offset = 0,
                             .bytes = MapFixture::pages * page_bytes});
        grantor = who;
    }
    const VirtualAddress at = f.map(f.b, grantor, id);
    require(f.shared_with(f.b, at), "five grants on");
    const GrantId sixth = f.pass_on(
        f.b, {.grantee = f.a, .grantor = grantor, .grant = id, .rights = all_rights, .offset = 0, .bytes = page_bytes});
    require_status(f.try_map(f.a, f.b, sixth, Protection::read, page_bytes).status, Status::loop, "six grants on");
    const std::uint64_t contents = f.word(0);
    f.drop_grants(f.a); // three of the five, the last among them
    f.require_separate(f.b, at, contents);
    require_status(f.try_map(f.b, grantor, id).status, Status::not_permitted, "the chain is broken");
    f.drop_grants(f.b);
    require_status(f.unmap(f.b, at, Unmapping::munmap), Status::ok);
}

void death_in_a_chain(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const GrantId id = f.pass_on(f.a, {.grantee = f.b,
                                       .grantor = f.self,
                                       .grant = grant.id(),
                                       .rights = all_rights,
                                       .offset = 0,
                                       .bytes = MapFixture::pages * page_bytes});
    const VirtualAddress at = f.map(f.b, f.a, id);
    require(f.shared_with(f.b, at), "by way of a");
    const std::uint64_t contents = f.word(0);
    (void)environment.assistant.call<Misbehave>({.how = Misbehaviour::exit_with_7, .delay_milliseconds = 0});
    // VM hears of a death when its supervisor is done with it.
    const Nanoseconds deadline = now() + milliseconds(2000);
    while (f.shared_with(f.b, at)) require(now() < deadline, "the map ends with the death of its middle");
    require(f.read(f.b, at) >= contents, "it has the contents of that moment");
    require_status(f.unmap(f.b, at, Unmapping::munmap), Status::ok);
}

void lent_further(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const VirtualAddress at = f.map(f.a, f.self, grant.id());
    const GrantId id = f.pass_on(f.a, {.grantee = f.b,
                                       .grantor = endpoints::none,
                                       .grant = {},
                                       .rights = all_rights,
                                       .offset = at.value,
                                       .bytes = MapFixture::pages * page_bytes});
    const VirtualAddress further = f.map(f.b, f.a, id);
    require(f.shared_with(f.b, further), "what a has by a map itself");
    const std::uint64_t contents = f.word(0);
    require_status(f.unmap(f.a, at, Unmapping::munmap), Status::ok);
    f.require_separate(f.b, further, contents);
    require_status(f.unmap(f.b, further, Unmapping::munmap), Status::ok);
    f.drop_grants(f.a);
}

void replaced_memory(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const VirtualAddress first = f.map(f.a, f.self, grant.id());
    const auto second =
        f.try_map(f.a, f.self, grant.id(), Protection::read, page_bytes, 5 * page_bytes, first + page_bytes);
    require_status(second.status, Status::ok, "over the middle of the first");
    require_equal(f.read(f.a, first + page_bytes), 15, "our sixth page");
    require_equal(f.read(f.a, first + 2 * page_bytes), 12, "what is left of the first");
    f.word(5) = 99;
    require_equal(f.read(f.a, first + page_bytes), 99, "it is a map");
    require_status(f.unmap(f.a, first, Unmapping::munmap), Status::ok);
}

constexpr std::array tests{
    Test{"safemap.both_see_writes", both_see_writes},
    Test{"safemap.after_unmapping", after_unmapping},
    Test{"safemap.after_revoking", after_revoking},
    Test{"safemap.revoking_a_range", revoking_a_range},
    Test{"safemap.misuse", misuse},
    Test{"safemap.several", several_maps},
    Test{"safemap.chains", chains},
    Test{"safemap.lent_further", lent_further},
    Test{"safemap.replaced_memory", replaced_memory},
    Test{"safemap.read_only", read_only_maps_fault},
    Test{"safemap.death_in_a_chain", death_in_a_chain},
};

} // namespace

std::span<const Test> safemap_tests() { return tests; }

} // namespace tessera::target
