// SPDX-License-Identifier: BSD-3-Clause
// Copies by grants that pass through others, that must not wait, that are many, and that are large: behaviour file,
// section 7.2, and what it lists as not covered. Plain ones are in grant_tests.cpp.

#include "kernel/abi/calls/grants.h"
#include "servers/runtime/given_grant.h"
#include "tests/target/child.h"
#include "tests/target/own_grant.h"
#include <algorithm>
#include <array>
#include <cstring>

namespace tessera::target {

namespace {

using kernel_calls::CopyState;
using kernel_calls::GrantCopy;
using kernel_calls::SafecopyFrom;
using kernel_calls::SafecopyTo;
using runtime::Grant;

void filling(Environment& environment) {
    OwnGrant own(environment);
    const auto fill = [&](std::uint64_t offset, std::uint64_t bytes) {
        return kernel_call<kernel_calls::Safememset>({.grantor = own.fixture.self,
                                                      .grant = own.grant.id(),
                                                      .offset = offset,
                                                      .value = 0x55,
                                                      .bytes = bytes})
            .status();
    };
    require_status(fill(page_bytes - 8, 16), Status::ok);
    const auto memory = own.fixture.memory();
    require(std::ranges::count(memory, std::byte{0x55}) == 16, "just these bytes");
    require(memory[page_bytes - 8] == std::byte{0x55} && memory[page_bytes + 7] == std::byte{0x55}, "over the border");
    require_status(fill(8 * page_bytes - 1, 2), Status::not_permitted, "beyond the grant");
    require_status(fill(0, kernel_calls::safecopy_limit + 1), Status::too_big);
    const Grant readable = own.fixture.grant(own.fixture.self, GrantRights::read);
    require_status(kernel_call<kernel_calls::Safememset>(
                       {.grantor = own.fixture.self, .grant = readable.id(), .offset = 0, .value = 1, .bytes = 1})
                       .status(),
                   Status::not_permitted, "a grant for reading");
}

void several_in_one_call(Environment& environment) {
    OwnGrant own(environment);
    const std::uint64_t said = 77;
    std::array<std::uint64_t, 3> read{};
    std::array<GrantCopy, 4> copies;
    for (std::size_t i = 0; i < 3; ++i)
        copies[i] = {.grantor = own.fixture.self,
                     .grant = own.grant.id(),
                     .offset = i * page_bytes,
                     .address = address_of(&read[i]),
                     .bytes = 8};
    copies[1].address = address_of(&said);
    copies[1].direction = CopyDirection::to_grant;
    copies[2].offset = page_bytes; // sees what the one before wrote
    copies[3] = copies[0];
    copies[3].grant = GrantId{};
    const auto vsafecopy = [&] {
        return kernel_call<kernel_calls::Vsafecopy>({.address = address_of(copies.data()), .count = copies.size()});
    };
    require_equal(require_value(vsafecopy()).failed, 1, "failed copies");
    require(read[0] == 10 && read[2] == 77, "the words");
    require_status(copies[3].status, Status::not_permitted, "the one without a grant");
    for (const GrantCopy& copy : copies) require(copy.state == CopyState::done, "all are done");
    own.fixture.word(0) = 5;
    require_equal(require_value(vsafecopy()).failed, 1, "what is done is not done again");
    require_equal(read[0], 10, "the first word");
    copies[1].direction = static_cast<CopyDirection>(9);
    require_status(vsafecopy().status(), Status::invalid);
    require_status(kernel_call<kernel_calls::Vsafecopy>(
                       {.address = address_of(copies.data()), .count = kernel_calls::vsafecopy_limit + 1})
                       .status(),
                   Status::too_big);
}

void copies_that_must_not_wait(Environment& environment) {
    OwnGrant own(environment, GrantRights::read | GrantRights::try_only);
    constexpr std::size_t bytes = 2 * page_bytes;
    void* const untouched = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(untouched != MAP_FAILED, "memory");
    const Grant grant = require_value(environment.grants.direct(
        own.fixture.self, GrantRights::read | GrantRights::try_only, {static_cast<std::byte*>(untouched), bytes}));
    std::uint64_t word = 0;
    const auto copy = [&] {
        return kernel_call<SafecopyFrom>({.grantor = own.fixture.self,
                                          .grant = grant.id(),
                                          .offset = 0,
                                          .address = address_of(&word),
                                          .bytes = 8})
            .status();
    };
    const auto entry = [&]() -> const GrantEntry& { return environment.grants.entries()[grant.id().index()]; };
    require_status(copy(), Status::bad_address, "memory that nobody touched");
    require_equal(entry().soft_faults, 1, "soft faults");
    require_equal(entry().uses, 0, "uses");
    *static_cast<volatile std::uint64_t*>(untouched) = 8;
    require_status(copy(), Status::ok, "memory that is there");
    require_equal(word, 8, "the word");
    require_equal(entry().uses, 1, "uses");
    require_status(kernel_call<SafecopyFrom>(own.request(0, &word, 8)).status(), Status::ok);
    require(munmap(untouched, bytes) == 0, "unmapped");
}

// The other process copies as servers do, so much that VM would be asked to share pages, and bring those missing.
void large_copies_that_must_not_wait(Environment& environment) {
    MapFixture f(environment);
    constexpr std::size_t bytes = MapFixture::pages * page_bytes;
    static_assert(bytes >= runtime::shared_copy_bytes);
    void* const untouched = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(untouched != MAP_FAILED, "memory");
    const std::span memory(static_cast<std::byte*>(untouched), bytes);
    const Grant grant =
        require_value(environment.grants.direct(f.a, GrantRights::read | GrantRights::try_only, memory));
    const GrantEntry& entry = environment.grants.entries()[grant.id().index()];
    const VirtualAddress there =
        require_value(f.connection(f.a).call<MapMemory>({.address = {}, .bytes = bytes})).address;
    const auto copy = [&] {
        return require_value(f.connection(f.a).call<CopyGrant>({.grantor = f.self,
                                                                .grant = grant.id(),
                                                                .offset = 0,
                                                                .address = there,
                                                                .bytes = bytes,
                                                                .direction = CopyDirection::from_grant,
                                                                .by = CopyGrant::By::runtime}))
            .status;
    };
    require_status(copy(), Status::bad_address, "memory that nobody touched");
    require_equal(entry.soft_faults, 1, "soft faults");
    for (std::size_t i = 0; i < MapFixture::pages; ++i)
        *reinterpret_cast<volatile std::uint64_t*>(memory.data() + i * page_bytes) = 30 + i;
    require_status(copy(), Status::ok, "memory that is there");
    require_equal(f.read(f.a, there + (MapFixture::pages - 1) * page_bytes), 30 + MapFixture::pages - 1, "a word");
    require_equal(entry.soft_faults, 1, "soft faults");
    require_equal(entry.uses, 1, "uses");
    require(munmap(untouched, bytes) == 0, "unmapped");
}

void passed_on(Environment& environment) {
    MapFixture f(environment);
    const Grant grant = f.grant(f.a);
    const GrantId id = f.pass_on(f.a, {.grantee = f.self,
                                       .grantor = f.self,
                                       .grant = grant.id(),
                                       .rights = GrantRights::read,
                                       .offset = page_bytes,
                                       .bytes = 2 * page_bytes});
    std::uint64_t word = 0;
    const auto request = [&](std::uint64_t offset, std::uint64_t bytes = 8) {
        return SafecopyFrom::Request{
            .grantor = f.a, .grant = id, .offset = offset, .address = address_of(&word), .bytes = bytes};
    };
    require_status(kernel_call<SafecopyFrom>(request(page_bytes)).status(), Status::ok);
    require_equal(word, 12, "the third page, the second of what was passed on");
    require_status(kernel_call<SafecopyFrom>(request(2 * page_bytes)).status(), Status::not_permitted,
                   "a narrowed range");
    require_status(kernel_call<SafecopyTo>(request(0)).status(), Status::not_permitted, "narrowed rights");
    f.drop_grants(f.a);
    require_status(kernel_call<SafecopyFrom>(request(0)).status(), Status::not_permitted, "the middle revoked");
}

void a_chain_without_end(Environment& environment) {
    MapFixture f(environment);
    // An entry that passes itself on.
    std::array<GrantEntry, 1> table{};
    table[0] = {.kind = GrantKind::indirect,
                .rights = GrantRights::read,
                .sequence = 1,
                .grantee = f.self,
                .source = f.self,
                .previous = GrantId(0, 1),
                .address = 0,
                .bytes = 64};
    require_value(runtime::register_with_kernel(table));
    std::uint64_t word = 0;
    const Status status =
        kernel_call<SafecopyFrom>(
            {.grantor = f.self, .grant = GrantId(0, 1), .offset = 0, .address = address_of(&word), .bytes = 8})
            .status();
    const auto entries = environment.grants.entries();
    require_value(
        kernel_call<kernel_calls::GrantTableSet>({.address = address_of(entries.data()), .entries = entries.size()}));
    require_status(status, Status::loop);
}

void magic_of_who_may_not(Environment& environment) {
    MapFixture f(environment);
    const Child child;
    const Grant magic = require_value(environment.grants.magic(
        f.self, GrantRights::read, {.process = child.endpoint(), .address = {0x40'0000}, .bytes = 64}));
    std::uint64_t word = 0;
    require_status(kernel_call<SafecopyFrom>(
                       {.grantor = f.self, .grant = magic.id(), .offset = 0, .address = address_of(&word), .bytes = 8})
                       .status(),
                   Status::not_permitted);
}

std::uint32_t shared_pages(Endpoint process, const void* memory) {
    return require_value(runtime::call<protocol::vm::VmProtocol, protocol::vm::PagesCount>(
                             endpoints::vm, {.process = process, .from = address_of(memory)}))
        .shared;
}

void large_copies_share_pages(Environment& environment) {
    constexpr std::size_t bytes = UseGrant::buffer_bytes;
    MapFixture f(environment);
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED, "memory");
    auto* const place = static_cast<std::byte*>(memory);
    std::memset(memory, 3, bytes);
    const Grant grant = require_value(environment.grants.read_write(f.a, {place, bytes}));
    const auto use = [&](UseGrant::Direction direction, std::uint64_t offset, std::uint64_t count) {
        return require_value(environment.assistant.call<UseGrant>({.grantor = f.self,
                                                                   .grant = grant.id(),
                                                                   .offset = offset,
                                                                   .bytes = count,
                                                                   .direction = direction,
                                                                   .own = UseGrant::OwnMemory::good,
                                                                   .fill = 7}));
    };
    const std::uint32_t before = shared_pages(f.self, memory);
    const auto whole = use(UseGrant::Direction::from, 0, bytes);
    require_status(whole.status, Status::ok);
    require_equal(whole.sum, 3 * bytes, "the sum of what was copied");
    require_equal(shared_pages(f.self, memory) - before, bytes / page_bytes, "pages shared");
    place[0] = std::byte{9};
    require_equal(shared_pages(f.self, memory) - before, bytes / page_bytes - 1, "pages shared after a write");
    require_status(use(UseGrant::Direction::to, 0, bytes).status, Status::ok);
    require(std::ranges::all_of(std::span(place, bytes), [](std::byte byte) { return byte == std::byte{7}; }),
            "what it gave back");
    place[1] = std::byte{1};
    require_status(use(UseGrant::Direction::to, 100, bytes - 200).status, Status::ok);
    require(place[1] == std::byte{1} && place[99] == std::byte{7}, "head and tail are left alone");
    require(munmap(memory, bytes) == 0, "unmapped");
}

constexpr std::array tests{
    Test{"safecopy.filling", filling},
    Test{"safecopy.several_in_one_call", several_in_one_call},
    Test{"safecopy.must_not_wait", copies_that_must_not_wait},
    Test{"safecopy.large_must_not_wait", large_copies_that_must_not_wait},
    Test{"safecopy.passed_on", passed_on},
    Test{"safecopy.chain_without_end", a_chain_without_end},
    Test{"safecopy.magic_refused", magic_of_who_may_not},
    Test{"safecopy.large", large_copies_share_pages},
};

} // namespace

std::span<const Test> safecopy_tests() { return tests; }

} // namespace tessera::target
