// SPDX-License-Identifier: BSD-3-Clause
// Direct grants and safecopy: what works, and every misuse.

#include "kernel/abi/calls/grants.h"
#include "kernel/abi/user_layout.h"
#include "servers/runtime/kernel.h"
#include "tests/target/child.h"
#include "tests/target/misbehaviour.h"
#include "tests/target/test.h"
#include <array>
#include <numeric>
#include <sys/mman.h>
#include <vector>

namespace tessera::target {

namespace {

using runtime::Grant;
using Direction = UseGrant::Direction;

Endpoint own_endpoint() {
    using namespace protocol::rs;
    return require_value(runtime::call<RsProtocol, Lookup>(endpoints::rs, {.label = Name("target_tests"), .wait = {}}))
        .endpoint;
}

// A grant of ours in the assistant's hands.
class Fixture {
public:
    explicit Fixture(Environment& environment)
        : environment_(environment),
          self_(own_endpoint()),
          assistant_(require_value(environment.assistant.endpoint())) {}

    Endpoint assistant() const { return assistant_; }
    Endpoint self() const { return self_; }
    std::vector<std::byte> memory = std::vector<std::byte>(4096, std::byte{1});

    Grant readable() { return require_value(environment_.grants.readable(assistant_, memory)); }
    Grant writable() { return require_value(environment_.grants.writable(assistant_, memory)); }

    UseGrant::Reply use(const UseGrant::Request& request) {
        return require_value(environment_.assistant.call<UseGrant>(request));
    }
    UseGrant::Request request(GrantId grant, std::uint64_t bytes, Direction direction = Direction::from) const {
        return {.grantor = self_,
                .grant = grant,
                .offset = 0,
                .bytes = bytes,
                .direction = direction,
                .own = UseGrant::OwnMemory::good,
                .fill = 7};
    }
    void refused(const UseGrant::Request& request, std::string_view what, Place place = Place::current()) {
        require_status(use(request).status, Status::not_permitted, what, place);
    }

private:
    Environment& environment_;
    Endpoint self_;
    Endpoint assistant_;
};

// Registers the right table again, whatever a test did.
class WithOtherTable {
public:
    WithOtherTable(Environment& environment, std::span<GrantEntry> table) : environment_(environment) {
        require_value(runtime::register_with_kernel(table));
    }
    WithOtherTable(const WithOtherTable&) = delete;
    WithOtherTable& operator=(const WithOtherTable&) = delete;
    ~WithOtherTable() {
        const auto entries = environment_.grants.entries();
        (void)kernel_call<kernel_calls::GrantTableSet>(
            {.address = {reinterpret_cast<std::uint64_t>(entries.data())}, .entries = entries.size()});
    }

private:
    Environment& environment_;
};

void reading(Environment& environment) {
    Fixture f(environment);
    std::iota(reinterpret_cast<std::uint8_t*>(f.memory.data()), reinterpret_cast<std::uint8_t*>(f.memory.data()) + 256,
              std::uint8_t{0});
    const Grant grant = f.readable();
    auto request = f.request(grant.id(), 256);
    const auto whole = f.use(request);
    require_status(whole.status, Status::ok);
    require_equal(whole.sum, 255 * 256 / 2, "sum");
    request.offset = 10;
    request.bytes = 1;
    require_equal(f.use(request).sum, 10, "the byte at 10");
}

void writing(Environment& environment) {
    Fixture f(environment);
    const Grant grant = f.writable();
    auto request = f.request(grant.id(), 100, Direction::to);
    request.offset = 50;
    require_status(f.use(request).status, Status::ok);
    require(f.memory[49] == std::byte{1} && f.memory[50] == std::byte{7} && f.memory[149] == std::byte{7} &&
                f.memory[150] == std::byte{1},
            "just these bytes");
}

void zero_bytes_are_checked_too(Environment& environment) {
    Fixture f(environment);
    const Grant grant = f.readable();
    require_status(f.use(f.request(grant.id(), 0)).status, Status::ok);
    f.refused(f.request(GrantId(grant.id().index(), grant.id().sequence() + 1), 0), "a wrong sequence");
}

void big_copies_to_untouched_memory(Environment& environment) {
    constexpr std::size_t bytes = UseGrant::buffer_bytes;
    Fixture f(environment);
    auto* const pages = static_cast<std::byte*>(
        mmap(nullptr, bytes + page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    require(pages != MAP_FAILED, "memory");
    const std::span area(pages + 1, bytes); // no page border where one would like it
    const Grant grant = require_value(environment.grants.read_write(f.assistant(), area));
    require_status(f.use(f.request(grant.id(), bytes)).status, Status::ok, "reading untouched memory");
    require_status(f.use(f.request(grant.id(), bytes, Direction::to)).status, Status::ok);
    for (const std::byte byte : area) require(byte == std::byte{7}, "every byte");
    require(pages[0] == std::byte{0}, "none before");
    require(munmap(pages, bytes + page_bytes) == 0, "unmapped");
}

void missing_rights(Environment& environment) {
    Fixture f(environment);
    const Grant readable = f.readable();
    const Grant writable = f.writable();
    f.refused(f.request(readable.id(), 1, Direction::to), "writing a readable grant");
    f.refused(f.request(writable.id(), 1, Direction::from), "reading a writable grant");
    require(f.memory[0] == std::byte{1}, "nothing was written");
}

void out_of_range(Environment& environment) {
    Fixture f(environment);
    const Grant grant = f.readable();
    auto request = f.request(grant.id(), f.memory.size());
    require_status(f.use(request).status, Status::ok, "all of it");
    request.offset = 1;
    f.refused(request, "one byte beyond");
    request = f.request(grant.id(), 1);
    request.offset = f.memory.size();
    f.refused(request, "behind the end");
    request.offset = ~0ull;
    f.refused(request, "an offset that wraps");
    request.offset = 0;
    request.bytes = kernel_calls::safecopy_limit + 1;
    require_status(f.use(request).status, Status::too_big);
}

void stale_and_made_up_ids(Environment& environment) {
    Fixture f(environment);
    GrantId old;
    {
        const Grant grant = f.readable();
        old = grant.id();
        require_status(f.use(f.request(old, 1)).status, Status::ok);
    }
    f.refused(f.request(old, 1), "a revoked grant");
    const Grant next = f.readable();
    require_equal(next.id().index(), old.index(), "the slot is used again");
    f.refused(f.request(old, 1), "the id of the former grant in the slot");
    f.refused(f.request(GrantId{}, 1), "no grant");
    f.refused(f.request(GrantId(next.id().index(), 0), 1), "sequence 0");
    f.refused(f.request(GrantId(GrantId::index_limit - 1, 1), 1), "an index beyond the table");
    f.refused(f.request(GrantId::from_value(~0u), 1), "the highest id");
}

void other_grantee(Environment& environment) {
    Fixture f(environment);
    const Grant for_ds = require_value(environment.grants.readable(endpoints::vm, f.memory));
    f.refused(f.request(for_ds.id(), 1), "a grant for somebody else");
    const Endpoint later(f.assistant().slot(), f.assistant().generation() + 1);
    const Grant for_later = require_value(environment.grants.readable(later, f.memory));
    f.refused(f.request(for_later.id(), 1), "a grant for another generation");
    const Grant for_all = require_value(environment.grants.readable(endpoints::any, f.memory));
    require_status(f.use(f.request(for_all.id(), 1)).status, Status::ok, "a grant for anybody");
}

void grantor_without_table(Environment& environment) {
    Fixture f(environment);
    const Child child;
    auto request = f.request(GrantId(0, 1), 1);
    request.grantor = child.endpoint();
    f.refused(request, "a process that never granted");
    request.grantor = Endpoint(child.endpoint().slot(), child.endpoint().generation() + 1);
    require_status(f.use(request).status, Status::dead_endpoint);
}

void granted_memory_that_is_not_there(Environment& environment) {
    Fixture f(environment);
    const auto hole = std::span(reinterpret_cast<std::byte*>(unmapped_address), 100);
    const Grant unmapped = require_value(environment.grants.read_write(f.assistant(), hole));
    require_status(f.use(f.request(unmapped.id(), 1)).status, Status::bad_address, "an unmapped source");
    require_status(f.use(f.request(unmapped.id(), 1, Direction::to)).status, Status::bad_address, "an unmapped target");

    const auto kernel = std::span(reinterpret_cast<std::byte*>(kernel_address), 4096);
    const Grant of_kernel = require_value(environment.grants.read_write(f.assistant(), kernel));
    f.refused(f.request(of_kernel.id(), 8), "kernel memory");
    f.refused(f.request(of_kernel.id(), 8, Direction::to), "kernel memory");

    static constexpr std::array<std::byte, 64> constant{std::byte{9}};
    const auto read_only = std::span(const_cast<std::byte*>(constant.data()), constant.size());
    const Grant of_constant = require_value(environment.grants.read_write(f.assistant(), read_only));
    require_status(f.use(f.request(of_constant.id(), 8, Direction::to)).status, Status::bad_address,
                   "memory that the grantor cannot write itself");
}

void own_side_of_the_copy(Environment& environment) {
    Fixture f(environment);
    const Grant grant = require_value(environment.grants.read_write(f.assistant(), f.memory));
    auto request = f.request(grant.id(), 64);
    request.own = UseGrant::OwnMemory::null;
    require_status(f.use(request).status, Status::bad_address, "to null");
    request.own = UseGrant::OwnMemory::read_only;
    require_status(f.use(request).status, Status::bad_address, "to read-only memory");
    request.direction = Direction::to;
    require_status(f.use(request).status, Status::ok, "from read-only memory");
    require(f.memory[0] == std::byte{0}, "its zeros arrived");
}

void nonsense_in_the_table(Environment& environment) {
    Fixture f(environment);
    std::array<GrantEntry, 4> table{};
    const std::uint64_t address = reinterpret_cast<std::uint64_t>(f.memory.data());
    for (GrantEntry& entry : table)
        entry = {.kind = GrantKind::direct,
                 .rights = GrantRights::read,
                 .sequence = 1,
                 .grantee = f.assistant(),
                 .address = address,
                 .bytes = 16};
    table[0].kind = static_cast<GrantKind>(77);
    table[1].bytes = ~0ull;
    table[2].address = user_layout::end.value - 8;
    const WithOtherTable other(environment, table);
    f.refused(f.request(GrantId(0, 1), 1), "an unknown kind");
    f.refused(f.request(GrantId(1, 1), 1), "a length that wraps");
    f.refused(f.request(GrantId(2, 1), 1), "a range over the end of user space");
    require_status(f.use(f.request(GrantId(3, 1), 16)).status, Status::ok, "the one good entry");
}

void table_that_is_not_there(Environment& environment) {
    Fixture f(environment);
    const WithOtherTable other(environment, std::span(reinterpret_cast<GrantEntry*>(unmapped_address), 16));
    require_status(f.use(f.request(GrantId(0, 1), 1)).status, Status::bad_address);
}

void tables_that_are_refused(Environment&) {
    const auto set = [](std::uint64_t address, std::uint64_t entries) {
        return kernel_call<kernel_calls::GrantTableSet>({.address = {address}, .entries = entries}).status();
    };
    require_status(set(0x10'0000'0001, 1), Status::invalid, "misaligned");
    require_status(set(kernel_address, 1), Status::invalid, "kernel memory");
    require_status(set(non_canonical_address, 1), Status::invalid, "not canonical");
    require_status(set(user_layout::end.value - 8, 2), Status::invalid, "over the end");
    require_status(set(0x10'0000'0000, GrantId::index_limit + 1), Status::invalid, "too many entries");
    require_status(set(0x10'0000'0000, ~0ull), Status::invalid, "far too many entries");
}

void grants_can_be_seen(Environment& environment) {
    Fixture f(environment);
    const Grant grant = f.readable();
    GrantEntry entry;
    const auto seen = require_value(kernel_call<kernel_calls::GrantRead>(
        {.endpoint = f.self(), .index = grant.id().index(), .address = {reinterpret_cast<std::uint64_t>(&entry)}}));
    require_equal(seen.index, grant.id().index(), "index");
    require(entry.grantee == f.assistant() && entry.bytes == f.memory.size(), "the entry");
    require_status(
        kernel_call<kernel_calls::GrantRead>(
            {.endpoint = f.self(), .index = GrantId::index_limit, .address = {reinterpret_cast<std::uint64_t>(&entry)}})
            .status(),
        Status::no_entry);
}

constexpr std::array tests{
    Test{"grant.read", reading},
    Test{"grant.write", writing},
    Test{"grant.zero_bytes", zero_bytes_are_checked_too},
    Test{"grant.untouched_memory", big_copies_to_untouched_memory},
    Test{"grant.missing_rights", missing_rights},
    Test{"grant.out_of_range", out_of_range},
    Test{"grant.stale_ids", stale_and_made_up_ids},
    Test{"grant.other_grantee", other_grantee},
    Test{"grant.grantor_without_table", grantor_without_table},
    Test{"grant.memory_not_there", granted_memory_that_is_not_there},
    Test{"grant.own_side", own_side_of_the_copy},
    Test{"grant.nonsense_in_table", nonsense_in_the_table},
    Test{"grant.table_not_there", table_that_is_not_there},
    Test{"grant.refused_tables", tables_that_are_refused},
    Test{"grant.seen", grants_can_be_seen},
};

} // namespace

std::span<const Test> grant_tests() { return tests; }

} // namespace tessera::target
