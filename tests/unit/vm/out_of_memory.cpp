// SPDX-License-Identifier: BSD-3-Clause
// Each operation that allocates, with each single allocation in it failing in turn: the caller sees out_of_memory,
// memory is as it was page by page, and nothing is lost.

#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>
#include <functional>
#include <map>

using namespace tessera;
using namespace tessera::protocol::vm;
using vm::Access;

namespace {

constexpr Endpoint manager{4, 1};
constexpr Endpoint process{5, 1};
constexpr Endpoint child{6, 1};
constexpr Endpoint second{7, 1};
constexpr Endpoint fresh{8, 1};
constexpr ServiceId manager_service{9};
constexpr VirtualAddress base = user_layout::anonymous;
constexpr Protection read_write = Protection::read | Protection::write;

// A user process with a program, a heap, private and shared memory, and a child to be.
struct World {
    World() {
        machine.kernel.add(endpoints::rs, {.service = service_ids::rs});
        machine.kernel.add(manager, {.service = manager_service});
        for (const Endpoint each : {process, child}) machine.kernel.add(each, {.supervisor = manager_service});
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = 200}).has_value());
        REQUIRE(machine.spaces.create({.process = manager, .budget_pages = 200}).has_value());
        REQUIRE(status<ImageLoad>({.process = process, .program = Name("program")}, endpoints::rs) == Status::ok);
        REQUIRE(status<Break>({.end = {0x40c000}}, process) == Status::ok);
        REQUIRE(status<Map>({.bytes = 20 * page_bytes, .protection = read_write}, process) == Status::ok);
        REQUIRE(
            status<Map>(
                {.address = shared, .bytes = 4 * page_bytes, .protection = read_write, .sharing = MapSharing::shared},
                process) == Status::ok);
        for (const std::uint64_t page : {0, 1, 7, 19}) put(base + page * page_bytes, 40 + page);
        put(shared, 90);
        put({0x40a000}, 91);
        std::memcpy(machine.memory_of(process, base) + 8, "new\0-x\0A=b", 11);
        REQUIRE(status<Protect>({base + page_bytes, page_bytes, Protection::read}, process) == Status::ok);
    }

    template <class Operation> Status status(const typename Operation::Request& request, Endpoint caller) {
        Received received{.source = caller};
        received.message.words[0] = VmProtocol::number<Operation>;
        protocol::store_payload(received.message, request);
        const auto answer = runtime::dispatch<VmProtocol>(machine.checked_service, received);
        REQUIRE(answer.has_value());
        return static_cast<Status>(-static_cast<std::int64_t>(answer->words[0]));
    }
    void put(VirtualAddress address, std::uint64_t value) {
        REQUIRE(machine.spaces.space(process)->resolve(address, Access::write).has_value());
        *machine.memory_of(process, address) = static_cast<std::byte>(value);
    }

    // Every page that the process has: what is in it, and what the process may do with it in the end.
    struct Page {
        std::vector<std::byte> contents;
        vm::PageAccess access;
        bool operator==(const Page&) const = default;
    };
    using Contents = std::map<std::uint64_t, Page>;

    Contents contents() {
        Contents found;
        const auto& regions = machine.spaces.space(process)->regions();
        for (const auto* region = regions.first(); region != nullptr; region = vm::RegionMap::next(*region))
            for (auto page = region->range.start; page < region->range.end; page = page + page_bytes)
                if (const auto entry = machine.translate(process, page); !entry.empty()) {
                    const auto bytes = machine.frames.view().page(entry.address());
                    found[page.value] = {{bytes.begin(), bytes.end()}, region->access};
                }
        return found;
    }
    std::string problems() {
        const auto report = machine.checker.check();
        return report.has_value() && report->problems == 0 ? "" : "the checker finds something";
    }

    tests::Machine machine{
        1024, tests::ArchiveBytes().add("program", tests::elf_bytes({.entry = 0x401100}, tests::usual_segments()),
                                        {.alignment = page_bytes})};
    static constexpr VirtualAddress shared{0x20'0000'0000};
};

// Runs `operation` in a new world for each allocation that it makes, and fails that one.
template <class Prepare, class Operation>
std::uint64_t fail_each(const Prepare& prepare, const Operation& operation, Status expected = Status::out_of_memory) {
    for (std::uint64_t nth = 1;; ++nth) {
        World world;
        prepare(world);
        const auto before = world.contents();
        const auto counts = world.machine.frames.counts();
        const auto left = world.machine.spaces.space(process)->budget().left();
        world.machine.kernel.bound.clear();
        world.machine.frames.failures().fail(nth);
        const Status status = operation(world);
        world.machine.frames.failures().fail(0);
        if (status == Status::ok) {
            CHECK(world.problems().empty());
            return nth - 1;
        }
        INFO("allocation " << nth);
        REQUIRE(status == expected);
        REQUIRE(world.contents() == before);
        REQUIRE(world.machine.frames.counts().free == counts.free);
        REQUIRE(world.machine.frames.counts().process == counts.process);
        REQUIRE(world.machine.spaces.space(process)->budget().left() == left);
        REQUIRE(world.machine.kernel.bound.empty());
        REQUIRE(world.problems().empty());
        // Nothing is in the way of a second attempt.
        REQUIRE(operation(world) == Status::ok);
        REQUIRE(world.problems().empty());
    }
}

template <class Operation> std::uint64_t fail_each(const Operation& operation) {
    return fail_each([](World&) {}, operation);
}

Status fork(World& world) { return world.status<SpaceFork>({.parent = process, .child = child}, manager); }

Status exec(World& world) {
    return world.status<SpaceExec>({.process = process,
                                    .program = Name("program"),
                                    .arguments = base + 8,
                                    .argument_bytes = 11,
                                    .argument_count = 2},
                                   manager);
}

} // namespace

TEST_CASE("fork with any allocation failing: the parent is as it was, and there is no child") {
    const auto allocations = fail_each([](World& world) {
        const Status status = fork(world);
        CHECK((world.machine.spaces.find(child) != nullptr) == (status == Status::ok));
        return status;
    });
    CHECK(allocations >= 15); // tables, a space, regions
}

TEST_CASE("exec with any allocation failing: the old image runs on") {
    const auto allocations = fail_each(exec);
    CHECK(allocations >= 15);
}

TEST_CASE("exec of a process that shares its pages with a child, with any allocation failing") {
    fail_each([](World& world) { REQUIRE(fork(world) == Status::ok); }, exec);
}

TEST_CASE("fork of a child's parent, which shares everything already, with any allocation failing") {
    fail_each(
        [](World& world) {
            REQUIRE(fork(world) == Status::ok);
            world.machine.kernel.add(second, {.supervisor = manager_service});
        },
        [](World& world) { return world.status<SpaceFork>({.parent = process, .child = second}, manager); });
}

TEST_CASE("a copy on write with any allocation failing: the page is as it was, for both") {
    const auto allocations =
        fail_each([](World& world) { REQUIRE(fork(world) == Status::ok); },
                  [](World& world) {
                      const auto address = base + 7 * page_bytes;
                      return world.machine.spaces.space(process)->resolve(address, Access::write).status();
                  });
    CHECK(allocations == 1);
}

TEST_CASE("changes of memory with any allocation failing") {
    const auto map = [&](MapSharing sharing, MapPlacement placement, Protection protection = read_write) {
        return fail_each([=](World& world) {
            return world.status<Map>({.address = base + 2 * page_bytes,
                                      .bytes = 3 * page_bytes,
                                      .protection = protection,
                                      .placement = placement,
                                      .sharing = sharing},
                                     process);
        });
    };
    CHECK(map(MapSharing::own, MapPlacement::anywhere) == 0); // the region below becomes longer
    CHECK(map(MapSharing::own, MapPlacement::anywhere, Protection::read) == 1);
    CHECK(map(MapSharing::own, MapPlacement::exactly) >= 2); // itself, and what it cuts in two
    CHECK(map(MapSharing::shared, MapPlacement::anywhere) >= 3);
    CHECK(map(MapSharing::shared, MapPlacement::exactly) >= 4);
    CHECK(fail_each(
              [](World& world) { return world.status<Unmap>({base + 3 * page_bytes, 2 * page_bytes}, process); }) == 2);
    CHECK(fail_each([](World& world) {
              return world.status<Protect>({base + 3 * page_bytes, 2 * page_bytes, Protection::read}, process);
          }) == 2);
    CHECK(fail_each([](World& world) { return world.status<Break>({.end = {0x420000}}, process); }) == 0); // the same
    CHECK(fail_each([](World& world) {
              return world.machine.spaces.space(process)->resolve({0x20'0000'2000}, Access::write).status();
          }) >= 1); // a page of the shared object
    CHECK(fail_each([](World& world) {
              return world.machine.spaces.space(process)->resolve(base + 10 * page_bytes, Access::write).status();
          }) == 1);
}

TEST_CASE("a new space and its program with any allocation failing: nothing of them is left") {
    for (std::uint64_t nth = 1;; ++nth) {
        World world;
        world.machine.kernel.add(fresh, {.service = {20}});
        const auto free = world.machine.frames.counts().free;
        world.machine.frames.failures().fail(nth);
        const Status status = world.status<SpaceCreate>(
            {.process = fresh, .budget_pages = 100, .preserved_pages = 3, .contiguous_pages = 4}, endpoints::rs);
        world.machine.frames.failures().fail(0);
        REQUIRE(world.problems().empty());
        if (status == Status::ok) break;
        REQUIRE(status == Status::out_of_memory);
        REQUIRE(world.machine.frames.counts().free == free);
        REQUIRE(world.machine.spaces.find(fresh) == nullptr);
    }
    for (std::uint64_t nth = 1;; ++nth) {
        World world;
        world.machine.kernel.add(fresh, {.service = {20}});
        REQUIRE(world.status<SpaceCreate>({.process = fresh, .budget_pages = 100}, endpoints::rs) == Status::ok);
        const auto free = world.machine.frames.counts().free;
        world.machine.frames.failures().fail(nth);
        const Status status = world.status<ImageLoad>({.process = fresh, .program = Name("program")}, endpoints::rs);
        world.machine.frames.failures().fail(0);
        REQUIRE(world.problems().empty());
        if (status == Status::ok) break;
        REQUIRE(status == Status::out_of_memory);
        REQUIRE(world.machine.frames.counts().free == free);
    }
}
