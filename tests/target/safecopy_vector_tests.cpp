// SPDX-License-Identifier: BSD-3-Clause
// Copies by grants: of every size, the bounds of several in one call, grantors that there are not, and memory of user
// processes. Behaviour file, sections 1.3, 1.4 and 7.2.

#include "kernel/abi/user_layout.h"
#include "servers/runtime/given_grant.h"
#include "tests/target/child.h"
#include "tests/target/misbehaviour.h"
#include "tests/target/own_grant.h"
#include "tests/target/page_pattern.h"
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace tessera::target {

namespace {

using kernel_calls::CopyState;
using kernel_calls::GrantCopy;
using kernel_calls::safecopy_limit;
using kernel_calls::SafecopyFrom;
using kernel_calls::SafecopyTo;
using kernel_calls::Vsafecopy;
using kernel_calls::vsafecopy_limit;
using runtime::Grant;

// 1 byte to 32 KiB of the assistant's eight pages: by the kernel, and by whom the runtime chooses.
void every_power_of_two(Environment& environment) {
    constexpr std::uint64_t bytes = 8 * page_bytes;
    const MapFixture f(environment);
    const auto theirs = require_value(environment.assistant.call<MapMemory>({.address = {}, .bytes = bytes})).address;
    require_value(environment.assistant.call<FillPages>({.address = theirs, .pages = 8, .first = 0x0101'0101}));
    const GrantId grant = require_value(environment.assistant.call<PassOn>({.grantee = f.self,
                                                                            .grantor = endpoints::none,
                                                                            .grant = {},
                                                                            .rights = GrantRights::read,
                                                                            .offset = theirs.value,
                                                                            .bytes = bytes}))
                              .grant;
    std::vector<std::uint64_t> expected(bytes / sizeof(std::uint64_t));
    fill_pages(expected, 0x0101'0101);
    const auto* const right = reinterpret_cast<const std::byte*>(expected.data());
    for (int i = 0; i <= 15; ++i) {
        const std::size_t count = std::size_t{1} << i;
        std::vector<std::byte> by_kernel(count + 1, std::byte{0x77}), by_runtime = by_kernel;
        require_value(kernel_call<SafecopyFrom>(
            {.grantor = f.a, .grant = grant, .offset = 0, .address = address_of(by_kernel.data()), .bytes = count}));
        require_value(runtime::GivenGrant(f.a, grant).read(0, std::span(by_runtime).first(count)));
        for (const auto& copy : {by_kernel, by_runtime}) {
            require(std::memcmp(copy.data(), right, count) == 0, std::format("{} bytes", count));
            require(copy.back() == std::byte{0x77}, std::format("none behind {} bytes", count));
        }
    }
    require_value(environment.assistant.call<DropGrants>({}));
    require_value(
        environment.assistant.call<UnmapGrant>({.address = theirs, .bytes = bytes, .how = Unmapping::munmap}));
}

GrantCopy element(const OwnGrant& own, std::uint64_t offset, const void* place, std::uint64_t bytes) {
    return {.grantor = own.fixture.self,
            .grant = own.grant.id(),
            .offset = offset,
            .address = address_of(place),
            .bytes = bytes};
}

Result<Vsafecopy::Reply> perform(std::span<const GrantCopy> copies) {
    return kernel_call<Vsafecopy>({.address = address_of(copies.data()), .count = copies.size()});
}

void bounds_of_a_vector(Environment& environment) {
    const OwnGrant own(environment);
    std::uint64_t word = 0;
    std::vector<GrantCopy> copies(vsafecopy_limit, element(own, page_bytes, &word, 8));
    require_equal(require_value(perform(copies)).failed, 0, "failures among as many as there may be");
    require_equal(word, 11, "the word");
    require_equal(require_value(perform({})).failed, 0, "failures among none");
    std::array<GrantCopy, 2> two{element(own, 0, &word, 8), element(own, 0, &word, 8)};
    two[1].state = static_cast<CopyState>(2);
    require_status(perform(two).status(), Status::invalid, "a state that there is not");
    two[1] = two[0];
    two[0].bytes = two[1].bytes = safecopy_limit / 2 + 1;
    require_status(perform(two).status(), Status::too_big, "too many bytes together");
    two[0].bytes = 8, two[1].bytes = ~0ull;
    require_status(perform(two).status(), Status::too_big, "a sum that wraps");
    require_equal(word, 11, "the word after what was refused");
    const auto elements_at = [](std::uint64_t address) {
        return kernel_call<Vsafecopy>({.address = {address}, .count = 2}).status();
    };
    for (const std::uint64_t address :
         std::initializer_list<std::uint64_t>{0, unmapped_address, kernel_address, non_canonical_address,
                                              user_layout::end.value - sizeof(GrantCopy), ~0ull - 7})
        require_status(elements_at(address), Status::bad_address, std::format("elements at {:#x}", address));
}

// Each has its own error, and the others are done.
void errors_of_elements(Environment& environment) {
    OwnGrant own(environment, GrantRights::read);
    std::uint64_t word = 0;
    std::array<GrantCopy, 6> copies;
    copies.fill(element(own, 0, &word, 8));
    copies[0].grantor = Endpoint(own.fixture.a.slot(), own.fixture.a.generation() + 1);
    copies[1].grant = GrantId(own.grant.id().index(), own.grant.id().sequence() + 1);
    copies[2].offset = MapFixture::pages * page_bytes - 7;
    copies[3].direction = CopyDirection::to_grant;
    copies[4].address = user_layout::end;
    require_equal(require_value(perform(copies)).failed, 5, "failures");
    constexpr std::array expected{Status::dead_endpoint, Status::not_permitted, Status::not_permitted,
                                  Status::not_permitted, Status::bad_address,   Status::ok};
    for (std::size_t i = 0; i < copies.size(); ++i) {
        require(copies[i].state == CopyState::done, std::format("element {} is done", i));
        require_status(copies[i].status, expected[i], std::format("element {}", i));
    }
    require_equal(word, 10, "the word");
}

// VM refuses memory of one element: the call ends there, and what was before is done.
void memory_of_an_element_is_missing(Environment& environment) {
    const OwnGrant own(environment);
    std::array<std::uint64_t, 2> words{};
    const std::array copies{element(own, 0, &words[0], 8),
                            element(own, 0, reinterpret_cast<const void*>(unmapped_address), 8),
                            element(own, page_bytes, &words[1], 8)};
    require_status(perform(copies).status(), Status::bad_address);
    require(copies[0].state == CopyState::done && words[0] == 10, "the first is done");
    require(copies[1].state == CopyState::pending, "the second is not");
    require(copies[2].state == CopyState::pending && words[1] == 0, "nor is the third");
}

void grantors_that_there_are_not(Environment& environment) {
    OwnGrant own(environment);
    std::uint64_t word = 0;
    for (const Endpoint grantor : {endpoints::none, endpoints::any, endpoints::self, endpoints::kernel,
                                   Endpoint(Endpoint::slot_limit - 1, 1), Endpoint(own.fixture.self.slot(), 0)}) {
        auto request = own.request(0, &word, 8);
        request.grantor = grantor;
        const auto what = std::format("grantor {:#x}", grantor.value());
        require_status(kernel_call<SafecopyFrom>(request).status(), Status::dead_endpoint, what);
        require_status(kernel_call<SafecopyTo>(request).status(), Status::dead_endpoint, what);
    }
}

void an_entry_that_was_never_used(Environment& environment) {
    OwnGrant own(environment);
    std::uint64_t word = 0;
    const auto entries = environment.grants.entries();
    const auto unused = std::ranges::find(entries, GrantKind::unused, &GrantEntry::kind);
    require(unused != entries.end(), "there is one");
    auto request = own.request(0, &word, 0);
    request.grant = GrantId(static_cast<std::uint32_t>(unused - entries.begin()), unused->sequence);
    require_status(kernel_call<SafecopyFrom>(request).status(), Status::not_permitted);
}

// Only the second assistant may grant memory of user processes, and of nobody else.
void magic_of_user_processes(Environment& environment) {
    MapFixture f(environment);
    Child child;
    const auto theirs = require_value(child.call<MapMemory>({.address = {}, .bytes = page_bytes})).address;
    require_value(child.call<FillPages>({.address = theirs, .pages = 1, .first = 55}));
    const auto read = [&](Endpoint grantor, Endpoint whose, std::uint64_t offset = 0) {
        const GrantId grant = require_value(f.connection(grantor).call<GrantMagic>({.grantee = f.self,
                                                                                    .process = whose,
                                                                                    .address = theirs,
                                                                                    .bytes = page_bytes,
                                                                                    .rights = GrantRights::read}))
                                  .grant;
        std::uint64_t word = 0;
        const Status status =
            kernel_call<SafecopyFrom>(
                {.grantor = grantor, .grant = grant, .offset = offset, .address = address_of(&word), .bytes = 8})
                .status();
        require_equal(word, status == Status::ok ? 55 : 0, "the word");
        return status;
    };
    require_status(read(f.b, child.endpoint()), Status::ok, "of a user process");
    require_status(read(f.b, child.endpoint(), page_bytes - 7), Status::not_permitted, "beyond the grant");
    require_status(read(f.a, child.endpoint()), Status::not_permitted, "by one that may not");
    for (const Endpoint service : {f.a, f.self, endpoints::vm, endpoints::rs})
        require_status(read(f.b, service), Status::not_permitted, "of a service");
    require_value(child.kill());
    (void)child.wait();
    require_status(read(f.b, child.endpoint()), Status::dead_endpoint, "of the dead");
    f.drop_grants(f.a);
    f.drop_grants(f.b);
}

constexpr std::array tests{
    Test{"safecopy.every_power_of_two", every_power_of_two},
    Test{"safecopy.vector_bounds", bounds_of_a_vector},
    Test{"safecopy.vector_errors", errors_of_elements},
    Test{"safecopy.vector_memory_missing", memory_of_an_element_is_missing},
    Test{"safecopy.no_such_grantor", grantors_that_there_are_not},
    Test{"safecopy.unused_entry", an_entry_that_was_never_used},
    Test{"safecopy.magic", magic_of_user_processes},
};

} // namespace

std::span<const Test> safecopy_vector_tests() { return tests; }

} // namespace tessera::target
