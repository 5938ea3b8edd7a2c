// SPDX-License-Identifier: BSD-3-Clause
// The check of everything finds nothing where nothing is wrong, and each bug that is seeded by its name.
#include "servers/vm/checker.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/kernel_call_table.h"
#include "servers/vm/bugs.h"
#include "tests/unit/vm/fatal_error.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::FatalError;
using tests::Machine;
using vm::CheckReport;
using vm::SanityLevel;

namespace {

constexpr Endpoint process{5, 1};
constexpr Endpoint driver{6, 1};
constexpr VirtualAddress resident = user_layout::anonymous;
constexpr VirtualAddress absent = user_layout::anonymous + page_bytes;

// A machine with a process that has a page, and a driver with contiguous and preserved memory.
struct Fixture {
    explicit Fixture(SanityLevel level = SanityLevel::none) : machine(1024, {}, level) {
        machine.kernel.add(process, {.kernel_call_mask = kernel_call_bits<kernel_calls::ProcessInject>});
        machine.kernel.add(driver, {.service = {20}});
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = 100}).has_value());
        REQUIRE(
            machine.spaces.create({.process = driver, .budget_pages = 100, .preserved_pages = 2, .contiguous_pages = 3})
                .has_value());
        map({resident, resident + 4 * page_bytes});
        REQUIRE(space().resolve(resident, vm::Access::write).has_value());
    }

    vm::Space& space() { return *machine.spaces.space(process); }
    void map(vm::AddressRange range) {
        REQUIRE(space()
                    .map({.range = range,
                          .access = vm::PageAccess::read_write,
                          .type = &machine.environment.types.anonymous})
                    .has_value());
    }
    Completion seed(Bug bug, VirtualAddress page = resident) {
        return vm::seed(bug, machine.environment, space(), page);
    }
    CheckReport check() { return machine.checker.check().value(); }

    Machine machine;
};

} // namespace

TEST_CASE("a sound VM has no problems, at any level") {
    for (const auto level : {SanityLevel::none, SanityLevel::top, SanityLevel::functions, SanityLevel::detail}) {
        Fixture f(level);
        const CheckReport report = f.check();
        CHECK(report.problems == 0);
        CHECK(report.pages == 1024);
        f.machine.own_pages.close_all();
    }
}

TEST_CASE("a check leaves the memory as it was") {
    Fixture f;
    const auto before = f.machine.frames.counts();
    (void)f.check();
    CHECK(f.machine.frames.counts().free == before.free);
    CHECK(f.machine.frames.counts().largest_free_block == before.largest_free_block);
}

TEST_CASE("on demand a check needs memory; with a level it has it already") {
    for (const auto level : {SanityLevel::none, SanityLevel::top}) {
        Fixture f(level);
        while (f.machine.frames.allocate(vm::FrameUse::vm_own).has_value()) {
        }
        CHECK(f.machine.checker.check().has_value() == (level == SanityLevel::top));
    }
}

TEST_CASE("a space that comes and goes, a successor and memory left behind are no problems") {
    Fixture f(SanityLevel::detail);
    REQUIRE(f.machine.spaces.destroy(process).has_value());
    CHECK(f.check().problems == 0);
    f.machine.kernel.add({7, 1}, {.service = {20}});
    REQUIRE(f.machine.spaces
                .create({.process = {7, 1},
                         .inherit_from = driver,
                         .budget_pages = 100,
                         .preserved_pages = 2,
                         .contiguous_pages = 3})
                .has_value());
    CHECK(f.check().problems == 0);
    REQUIRE(f.machine.spaces.destroy({7, 1}).has_value());
    REQUIRE(f.machine.spaces.destroy(driver).has_value());
    CHECK(f.check().problems == 0);
    f.machine.own_pages.close_all();
}

TEST_CASE("a fork, its copies on write and the end of either are no problems") {
    constexpr Endpoint child{8, 1};
    Fixture f(SanityLevel::detail);
    f.machine.kernel.add(child);
    REQUIRE(f.machine.spaces.fork(*f.machine.spaces.find(process), child).has_value());
    CHECK(f.check().problems == 0);
    REQUIRE(f.machine.spaces.space(child)->resolve(resident, vm::Access::write).has_value());
    CHECK(f.check().problems == 0);
    REQUIRE(f.space().resolve(resident, vm::Access::write).has_value());
    CHECK(f.check().problems == 0);
    f.machine.own_pages.close_all();
    REQUIRE(f.machine.spaces.destroy(process).has_value());
    CHECK(f.check().problems == 0);
    f.machine.own_pages.close_all();
}

TEST_CASE("an entry that lets one write to a page that others have too is found") {
    constexpr Endpoint child{8, 1};
    Fixture f;
    f.machine.kernel.add(child);
    REQUIRE(f.machine.spaces.fork(*f.machine.spaces.find(process), child).has_value());
    PhysicalAddress table = f.space().table().top();
    const auto place = [&](std::uint64_t shift) {
        return f.machine.frames.view().at(table) + (resident.value >> shift) % 512 * sizeof(std::uint64_t);
    };
    std::uint64_t raw = 0;
    for (const std::uint64_t shift : {30, 21}) {
        std::memcpy(&raw, place(shift), sizeof(raw));
        table = vm::PageEntry::from_raw(raw).address();
    }
    std::memcpy(&raw, place(12), sizeof(raw));
    raw = vm::PageEntry::from_raw(raw).with_access(vm::PageAccess::read_write).raw();
    std::memcpy(place(12), &raw, sizeof(raw));
    const CheckReport report = f.check();
    CHECK(report.problems == 1);
    CHECK(report.first.kind == ProblemKind::wrong_entry);
    CHECK(report.first.owner == process);
}

TEST_CASE("seeded bug: a page used twice is named with both uses and their owner") {
    Fixture f;
    const PhysicalAddress table = f.space().table().top();
    REQUIRE(f.seed(Bug::page_used_twice, absent).has_value());
    const CheckReport report = f.check();
    CHECK(report.problems >= 1);
    CHECK(report.first.kind == ProblemKind::used_twice);
    CHECK(report.first.address == table.value);
    CHECK(report.first.first == PageUse::page_table);
    CHECK(report.first.second == PageUse::process_page);
    CHECK(report.first.owner == process);
    const std::string& line = f.machine.kernel.lines.front();
    CHECK(line.find("page used twice") != std::string::npos);
    CHECK(line.find("page table (overlap_check.cpp:") != std::string::npos);
    CHECK(line.find("page of a process (overlap_check.cpp:") != std::string::npos);
}

TEST_CASE("seeded bug: a page both used and free") {
    Fixture f;
    const PhysicalAddress frame = f.space().table().find(resident).address();
    REQUIRE(f.seed(Bug::page_used_and_free).has_value());
    const CheckReport report = f.check();
    CHECK(report.first.kind == ProblemKind::used_and_free);
    CHECK(report.first.address == frame.value);
    CHECK(report.first.first == PageUse::process_page);
    CHECK(report.first.second == PageUse::free);
    CHECK(report.first.owner == process);
}

TEST_CASE("seeded bug: a wrong count of references") {
    Fixture f;
    const PhysicalAddress frame = f.space().table().find(resident).address();
    REQUIRE(f.seed(Bug::wrong_references).has_value());
    const CheckReport report = f.check();
    CHECK(report.problems == 2); // and the entry lets one write to what others seem to have
    CHECK(report.first.kind == ProblemKind::wrong_references);
    CHECK(report.first.address == frame.value);
    CHECK(report.first.expected == 2);
    CHECK(report.first.found == 1);
}

TEST_CASE("seeded bug: a leaked page") {
    Fixture f;
    REQUIRE(f.seed(Bug::leaked_page).has_value());
    const CheckReport report = f.check();
    CHECK(report.problems == 1);
    CHECK(report.first.kind == ProblemKind::leaked);
}

TEST_CASE("seeded bug: a leaked object") {
    Fixture f;
    REQUIRE(f.seed(Bug::leaked_object).has_value());
    const CheckReport report = f.check();
    CHECK(report.problems == 1);
    CHECK(report.first.kind == ProblemKind::leaked_object);
    CHECK(report.first.name == "regions");
    CHECK(report.first.expected == report.first.found + 1);
}

TEST_CASE("seeded bugs of the slab: a second release, and a write after it") {
    Fixture f(SanityLevel::functions);
    CHECK_THROWS_AS(f.seed(Bug::double_free), FatalError);
    REQUIRE(f.seed(Bug::use_after_free).has_value());
    CHECK(f.check().first.kind == ProblemKind::damaged_slab);
    f.machine.own_pages.close_all();
}

TEST_CASE("a bug needs a page that fits, and must exist") {
    Fixture f;
    CHECK(f.seed(Bug::page_used_twice, resident).status() == Status::invalid);
    CHECK(f.seed(Bug::page_used_twice, {0x10000}).status() == Status::invalid);
    CHECK(f.seed(Bug::page_used_and_free, absent).status() == Status::invalid);
    CHECK(f.seed(Bug::wrong_references, absent).status() == Status::invalid);
    CHECK(f.seed(static_cast<Bug>(99)).status() == Status::invalid);
    CHECK(f.check().problems == 0);
}

TEST_CASE("a page table's entry that its region does not say is found") {
    Fixture f;
    const PhysicalAddress frame = f.space().table().find(resident).address();
    const auto path = [&](std::uint64_t shift, PhysicalAddress table) {
        return f.machine.frames.view().at(table) + (resident.value >> shift) % 512 * sizeof(std::uint64_t);
    };
    const auto read = [](const std::byte* place) {
        std::uint64_t raw = 0;
        std::memcpy(&raw, place, sizeof(raw));
        return vm::PageEntry::from_raw(raw);
    };
    PhysicalAddress table = f.space().table().top();
    for (const std::uint64_t shift : {30, 21}) table = read(path(shift, table)).address();
    const auto raw = vm::PageEntry::page(frame, vm::PageAccess::read_execute, vm::Caching::write_back).raw();
    std::memcpy(path(12, table), &raw, sizeof(raw));
    const CheckReport report = f.check();
    CHECK(report.problems == 1);
    CHECK(report.first.kind == ProblemKind::wrong_entry);
    CHECK(report.first.address == resident.value);
    CHECK(report.first.owner == process);
}

TEST_CASE("between requests a problem stops VM, at level none it is only told") {
    Fixture silent;
    REQUIRE(silent.seed(Bug::leaked_page).has_value());
    silent.machine.checker.after_request();
    CHECK(silent.machine.checker.checks() == 0);

    Fixture loud(SanityLevel::detail);
    loud.machine.checker.after_request();
    REQUIRE(loud.seed(Bug::leaked_page).has_value());
    CHECK_THROWS_AS(loud.machine.checker.after_request(), FatalError);
}

TEST_CASE("the lower levels check now and then") {
    for (const auto level : {SanityLevel::top, SanityLevel::functions}) {
        Fixture f(level);
        const std::uint64_t interval = vm::Checker::interval_of(level);
        CHECK(interval > 1);
        for (std::uint64_t i = 0; i < 3 * interval; ++i) f.machine.checker.after_request();
        CHECK(f.machine.checker.checks() == 3);
    }
}

TEST_CASE("seed_bug is for callers that may inject faults, with a level of functions or above") {
    const auto seed = [](Fixture& f, Endpoint caller) {
        return f.machine.checked_service.handle(SeedBug{}, {.bug = Bug::leaked_object}, caller).message()->words[0];
    };
    const auto refused = static_cast<std::uint64_t>(-static_cast<std::int64_t>(Status::not_permitted));
    Fixture plain;
    CHECK(seed(plain, process) == refused);
    Fixture guarded(SanityLevel::functions);
    CHECK(seed(guarded, driver) == refused);
    CHECK(seed(guarded, {9, 1}) == refused);
    CHECK(seed(guarded, process) != refused);
}
