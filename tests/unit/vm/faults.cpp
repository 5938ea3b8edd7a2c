// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/faults.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

using namespace tessera;
using vm::CountedEvent;
using vm::PageAccess;

namespace {

constexpr Endpoint process{5, 1};
constexpr Endpoint waiter{6, 1};
constexpr VirtualAddress base = user_layout::anonymous;

constexpr std::uint64_t read = static_cast<std::uint64_t>(FaultAccess::read);
constexpr std::uint64_t write = static_cast<std::uint64_t>(FaultAccess::write);
constexpr std::uint64_t execute = static_cast<std::uint64_t>(FaultAccess::execute);

struct Fixture {
    explicit Fixture(std::uint64_t machine_pages = 1024, std::uint32_t budget = 600) : machine(machine_pages) {
        machine.kernel.add(process);
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = budget}).has_value());
    }
    void map(std::uint64_t first, std::uint64_t pages, PageAccess access = PageAccess::read_write) {
        const VirtualAddress start = base + first * page_bytes;
        REQUIRE(
            machine.spaces.space(process)
                ->map(
                    {.range = {start, start + pages * page_bytes}, .access = access, .type = &machine.types.anonymous})
                .has_value());
    }
    Status fault(VirtualAddress address, std::uint64_t access, Endpoint who = process) {
        faults.handle(who, FaultMessage{.address = address.value, .access = access});
        REQUIRE(machine.kernel.answers.back().process == who);
        return machine.kernel.answers.back().status;
    }
    Status request(VirtualAddress address, std::uint64_t bytes, std::uint64_t access, Endpoint whose = process) {
        faults.handle(waiter, MemoryRequest{whose.value(), address.value, bytes, access});
        REQUIRE(machine.kernel.answers.back().process == waiter);
        return machine.kernel.answers.back().status;
    }
    std::uint64_t count(CountedEvent event) const { return counters.of(event); }
    std::uint32_t resident() { return machine.spaces.space(process)->resident_pages(); }

    tests::Machine machine;
    vm::EventCounters counters;
    vm::Faults faults{machine.spaces, machine.kernel, counters};
};

} // namespace

TEST_CASE("a first access is resolved, a wrong one is refused") {
    Fixture f;
    f.map(0, 2);
    f.map(2, 1, PageAccess::read);
    CHECK(f.fault(base + 5, write) == Status::ok);
    CHECK(f.fault(base + page_bytes, read) == Status::ok);
    CHECK(f.fault(base + 2 * page_bytes, write) == Status::bad_address);
    CHECK(f.fault(base, execute) == Status::bad_address);
    CHECK(f.fault(base + 3 * page_bytes, read) == Status::bad_address);
    CHECK(f.fault({0}, read) == Status::bad_address);
    CHECK(f.fault({~0ull}, read) == Status::bad_address);
    CHECK(f.fault(user_layout::end, read) == Status::bad_address);
    CHECK(f.fault({0xffff'8000'0000'0000}, write) == Status::bad_address);
    CHECK(f.fault(base, read, {5, 2}) == Status::bad_address);
    CHECK(f.count(CountedEvent::faults) == 10);
    CHECK(f.count(CountedEvent::pages_supplied) == 2);
    CHECK(f.count(CountedEvent::refused_access) == 2);
    CHECK(f.count(CountedEvent::refused_no_region) == 6);
    CHECK(f.count(CountedEvent::refused_no_memory) == 0);
}

TEST_CASE("over the budget a fault is refused") {
    Fixture f(1024, 6);
    f.map(0, 2);
    CHECK(f.fault(base, read) == Status::ok);
    CHECK(f.fault(base + page_bytes, read) == Status::out_of_memory);
    CHECK(f.count(CountedEvent::refused_no_memory) == 1);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("a request is for all its pages, over regions") {
    Fixture f;
    f.map(0, 2);
    f.map(2, 2, PageAccess::read);
    CHECK(f.request(base + 100, 3 * page_bytes, read) == Status::ok);
    CHECK(f.resident() == 4);
    CHECK(f.request(base + page_bytes, 2 * page_bytes, write) == Status::bad_address);
    CHECK(f.request(base + 3 * page_bytes, page_bytes + 1, read) == Status::bad_address);
    CHECK(f.count(CountedEvent::requests) == 3);
    CHECK(f.count(CountedEvent::pages_supplied) == 4);
    CHECK(f.count(CountedEvent::pages_there) == 2); // before the page that is refused
    CHECK(f.count(CountedEvent::refused_access) == 1);
    CHECK(f.count(CountedEvent::refused_no_region) == 1);
}

TEST_CASE("requests with nonsense are refused") {
    Fixture f;
    f.map(0, 2);
    CHECK(f.request(base, 0, read) == Status::bad_address);
    CHECK(f.request(base, ~0ull, read) == Status::bad_address);
    CHECK(f.request({~0ull}, 1, read) == Status::bad_address);
    CHECK(f.request(user_layout::end - 1, 2, read) == Status::bad_address);
    CHECK(f.request(base, 1, read, {77, 1}) == Status::bad_address);
    CHECK(f.request(base, 1, read, Endpoint::from_value(~0u)) == Status::bad_address);
    CHECK(f.request(base, 1, read, endpoints::vm) == Status::bad_address);
}

TEST_CASE("a request for pages that are copied is resolved in parts too") {
    constexpr std::uint64_t pages = vm::Faults::pages_at_once + 10;
    constexpr Endpoint child{7, 1};
    Fixture f(4096, 1500);
    f.map(0, pages);
    for (std::uint64_t i = 0; i < pages; ++i) REQUIRE(f.fault(base + i * page_bytes, write) == Status::ok);
    f.machine.kernel.add(child);
    REQUIRE(f.machine.spaces.fork(*f.machine.spaces.find(process), child).has_value());
    CHECK(f.request(base, pages * page_bytes, write) == Status::ok);
    CHECK(f.count(CountedEvent::pages_copied) == vm::Faults::pages_at_once);
    CHECK(f.request(base, pages * page_bytes, write) == Status::ok);
    CHECK(f.count(CountedEvent::pages_copied) == pages);
    CHECK(f.request(base, page_bytes, write, child) == Status::ok);
    CHECK(f.count(CountedEvent::pages_made_writable) == 1);
    CHECK(f.machine.kernel.lines.empty());
}

TEST_CASE("a large request is resolved in parts, each with progress") {
    constexpr std::uint64_t pages = 2 * vm::Faults::pages_at_once + 10;
    Fixture f(4096, 4000);
    f.map(0, pages);
    for (const std::uint32_t expected : {1024u, 2048u, 2058u}) {
        CHECK(f.request(base, pages * page_bytes, write) == Status::ok);
        CHECK(f.resident() == expected);
    }
}

TEST_CASE("the same access cannot be resolved for nothing without end") {
    Fixture f;
    f.map(0, 2);
    CHECK(f.fault(base, write) == Status::ok);
    for (std::uint32_t i = 0; i < vm::Faults::idle_limit; ++i) REQUIRE(f.fault(base, write) == Status::ok);
    CHECK(f.fault(base, write) == Status::bad_address);
    CHECK(f.machine.kernel.lines.size() == 1);
    CHECK(f.count(CountedEvent::refused_endless) == 1);
    CHECK(f.machine.kernel.flushed.size() == vm::Faults::idle_limit + 1);
    // Anything else in between is progress.
    CHECK(f.fault(base + page_bytes, write) == Status::ok);
    CHECK(f.fault(base, write) == Status::ok);
}

TEST_CASE("copying the same page after each of many forks is progress, not a fault without end") {
    constexpr Endpoint child{6, 1};
    Fixture f;
    f.map(0, 1);
    f.machine.kernel.add(child);
    CHECK(f.fault(base, write) == Status::ok);
    for (std::uint32_t i = 0; i <= vm::Faults::idle_limit; ++i) {
        REQUIRE(f.machine.spaces.fork(*f.machine.spaces.find({5, 1}), child).has_value());
        if (i % 2 == 0) REQUIRE(f.machine.spaces.destroy(child).has_value()); // the page is one's own again
        REQUIRE(f.fault(base, write) == Status::ok);
        if (i % 2 == 1) REQUIRE(f.machine.spaces.destroy(child).has_value());
    }
    CHECK(f.machine.kernel.lines.empty());
}
