// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/service.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>
#include <random>

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::Machine;

namespace {

constexpr Endpoint process{5, 1};
constexpr Endpoint manager{4, 1};
constexpr ServiceId manager_service{9};
constexpr GrantId argument_grant{4, 1};
constexpr VirtualAddress base = user_layout::anonymous;
constexpr Protection read_write = Protection::read | Protection::write;

// What a client sees: requests and answers are messages.
struct Fixture {
    Fixture() {
        machine.kernel.add(endpoints::rs, {.service = service_ids::rs});
        machine.kernel.add(manager, {.service = manager_service});
        machine.kernel.add(process, {.service = {20}, .supervisor = manager_service});
        REQUIRE(machine.spaces.create({.process = endpoints::rs, .budget_pages = 300}).has_value());
        machine.kernel.grant(endpoints::rs, argument_grant, {std::byte{'d'}, std::byte{'s'}, std::byte{0}});
    }

    template <class Operation>
    Result<typename Operation::Reply> call(const typename Operation::Request& request, Endpoint caller) {
        Received received{.source = caller};
        received.message.words[0] = VmProtocol::number<Operation>;
        protocol::store_payload(received.message, request);
        const auto answer = runtime::dispatch<VmProtocol>(machine.checked_service, received);
        REQUIRE(answer.has_value());
        const auto status = static_cast<Status>(-static_cast<std::int64_t>(answer->words[0]));
        if (status != Status::ok) return status;
        return protocol::load_payload<typename Operation::Reply>(*answer);
    }
    template <class Operation> Status status(const typename Operation::Request& request, Endpoint caller) {
        return call<Operation>(request, caller).status();
    }

    Status create(std::uint32_t budget = 200) {
        return status<SpaceCreate>({.process = process, .budget_pages = budget}, endpoints::rs);
    }
    Status load() {
        return status<ImageLoad>(
            {.process = process, .program = Name("program"), .arguments = argument_grant, .argument_bytes = 3},
            endpoints::rs);
    }
    Result<Map::Reply> map(std::uint64_t bytes, Protection protection = read_write, VirtualAddress address = {},
                           MapPlacement placement = MapPlacement::anywhere) {
        return call<Map>({.address = address, .bytes = bytes, .protection = protection, .placement = placement},
                         process);
    }
    Status fault(VirtualAddress address, FaultAccess access) {
        machine.service.kernel_message(
            {.source = process,
             .kind = MessageKind::fault,
             .message = pack(FaultMessage{.address = address.value, .access = static_cast<std::uint64_t>(access)})});
        return machine.kernel.answers.back().status;
    }

    Machine machine{1024, tests::ArchiveBytes()
                              .add("program", tests::elf_bytes({.entry = 0x401100}, tests::usual_segments()),
                                   {.alignment = page_bytes})
                              .add("text", "no program")
                              .add("damaged", "text", {.checksum = 1})};
};

} // namespace

TEST_CASE("only RS makes and loads spaces") {
    Fixture f;
    for (const Endpoint caller : {process, manager, endpoints::vm, Endpoint{1, 2}}) {
        CHECK(f.status<SpaceCreate>({.process = process, .budget_pages = 100}, caller) == Status::not_permitted);
        CHECK(f.status<ImageLoad>({.process = process}, caller) == Status::not_permitted);
        CHECK(f.status<ArchiveMap>({}, caller) == Status::not_permitted);
    }
    CHECK(f.create() == Status::ok);
    CHECK(f.create() == Status::exists);
}

TEST_CASE("a program is loaded and bound") {
    Fixture f;
    REQUIRE(f.create() == Status::ok);
    CHECK(f.load() == Status::ok);
    REQUIRE(f.machine.kernel.bound.contains(process));
    const auto& bound = f.machine.kernel.bound[process];
    CHECK(bound.entry == VirtualAddress{0x401100});
    CHECK_FALSE(f.machine.translate(process, bound.stack).empty());
    std::uint64_t count = 0;
    std::memcpy(&count, f.machine.memory_of(process, bound.stack), sizeof(count));
    CHECK(count == 1);
    CHECK(f.load() == Status::not_permitted); // it has a program now
}

TEST_CASE("a load that fails leaves the space empty") {
    Fixture f;
    REQUIRE(f.create() == Status::ok);
    ImageLoad::Request request{.process = process, .program = Name("program")};
    const auto load = [&](const ImageLoad::Request& changed) { return f.status<ImageLoad>(changed, endpoints::rs); };
    auto wrong = request;
    wrong.process = {77, 1};
    CHECK(load(wrong) == Status::dead_endpoint);
    wrong = request, wrong.program = Name("missing");
    CHECK(load(wrong) == Status::no_entry);
    wrong = request, wrong.program = Name("damaged");
    CHECK(load(wrong) == Status::damaged);
    CHECK(load(wrong) == Status::damaged);
    wrong = request, wrong.program = Name("text");
    CHECK(load(wrong) == Status::not_executable);
    wrong = request, wrong.arguments = argument_grant, wrong.argument_bytes = 4;
    CHECK(load(wrong) == Status::bad_address);
    wrong.argument_bytes = 4097;
    CHECK(load(wrong) == Status::too_big);
    wrong = request;
    f.machine.kernel.processes.erase(process);
    CHECK(load(wrong) == Status::dead_endpoint); // at the bind
    CHECK(f.machine.spaces.space(process)->regions().size() == 1);
    f.machine.kernel.add(process);
    CHECK(load(request) == Status::ok);
}

TEST_CASE("RS and the supervisor destroy a space, nobody else") {
    Fixture f;
    REQUIRE(f.create() == Status::ok);
    REQUIRE(f.load() == Status::ok);
    const Endpoint stranger{8, 1};
    f.machine.kernel.add(stranger, {.service = {30}});
    CHECK(f.status<SpaceDestroy>({process}, stranger) == Status::not_permitted);
    CHECK(f.status<SpaceDestroy>({process}, process) == Status::not_permitted);
    CHECK(f.status<SpaceDestroy>({{5, 9}}, manager) == Status::no_such);
    f.machine.kernel.running[process] = true;
    CHECK(f.status<SpaceDestroy>({process}, manager) == Status::busy);
    f.machine.kernel.running.clear();
    f.machine.kernel.processes.erase(process); // dead: the kernel tells nothing of it
    CHECK(f.status<SpaceDestroy>({process}, stranger) == Status::not_permitted);
    CHECK(f.status<SpaceDestroy>({process}, manager) == Status::ok);
    CHECK(f.status<SpaceDestroy>({process}, endpoints::rs) == Status::no_such);
}

TEST_CASE("a process without a service supervises nobody") {
    Fixture f;
    f.machine.kernel.add(process, {}); // a user process whose supervisor is not set
    REQUIRE(f.create() == Status::ok);
    const Endpoint user{8, 1};
    f.machine.kernel.add(user, {});
    CHECK(f.status<SpaceDestroy>({process}, user) == Status::not_permitted);
}

TEST_CASE("RS sees the boot archive, read-only and whole") {
    Fixture f;
    const auto reply = f.call<ArchiveMap>({}, endpoints::rs);
    REQUIRE(reply.has_value());
    CHECK(reply->address == user_layout::boot_archive);
    CHECK(reply->bytes == f.machine.boot_info.archive_bytes);
    for (std::uint64_t i = 0; i < 16; ++i) {
        const auto entry = f.machine.translate(endpoints::rs, reply->address + i * page_bytes);
        CHECK(entry.access() == vm::PageAccess::read);
        CHECK(entry.address() == f.machine.boot_info.archive + i * page_bytes);
    }
    CHECK(f.machine.translate(endpoints::rs, reply->address + 16 * page_bytes).empty());
    CHECK(f.call<ArchiveMap>({}, endpoints::rs).has_value()); // again: the same
    const auto archive = f.machine.frames.counts().archive;
    REQUIRE(f.machine.spaces.destroy(endpoints::rs).has_value());
    CHECK(f.machine.frames.counts().archive == archive);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("anonymous memory is mapped upwards, at a hint, or exactly") {
    Fixture f;
    REQUIRE(f.create() == Status::ok);
    CHECK(f.map(1)->address == base);
    CHECK(f.map(page_bytes + 1)->address == base + page_bytes);
    CHECK(f.map(page_bytes)->address == base + 3 * page_bytes);
    const VirtualAddress hint{0x20'0000'0000};
    CHECK(f.map(page_bytes, read_write, hint)->address == hint);
    CHECK(f.map(page_bytes, read_write, hint)->address == base + 4 * page_bytes); // taken
    CHECK(f.map(page_bytes, read_write, hint + 5)->address == base + 5 * page_bytes);
    CHECK(f.map(page_bytes, read_write, hint, MapPlacement::exactly)->address == hint);
    CHECK(f.fault(hint, FaultAccess::write) == Status::ok);
    CHECK(f.fault(hint, FaultAccess::execute) == Status::bad_address);
}

TEST_CASE("mappings with wrong arguments are refused") {
    Fixture f;
    REQUIRE(f.create() == Status::ok);
    constexpr auto exactly = MapPlacement::exactly;
    CHECK(f.map(0).status() == Status::invalid);
    CHECK(f.map(~0ull).status() == Status::invalid);
    CHECK(f.map(1ull << 40).status() == Status::invalid);
    CHECK(f.map(page_bytes, static_cast<Protection>(8)).status() == Status::invalid);
    CHECK(f.map(page_bytes, Protection::write | Protection::execute).status() == Status::access_denied);
    CHECK(f.map(page_bytes, read_write | Protection::execute).status() == Status::access_denied);
    CHECK(f.map(page_bytes, read_write, base, static_cast<MapPlacement>(7)).status() == Status::invalid);
    CHECK(f.map(page_bytes, read_write, base + 1, exactly).status() == Status::invalid);
    CHECK(f.map(page_bytes, read_write, {0}, exactly).status() == Status::invalid);
    CHECK(f.map(page_bytes, read_write, {0xf000}, exactly).status() == Status::invalid);
    CHECK(f.map(page_bytes, read_write, user_layout::boot_archive, exactly).status() == Status::invalid);
    CHECK(f.map(2 * page_bytes, read_write, user_layout::anonymous_end - page_bytes, exactly).status() ==
          Status::invalid);
    CHECK(f.map(page_bytes, read_write, {~0xfffull}, exactly).status() == Status::invalid);
    CHECK(f.call<Map>({.bytes = page_bytes, .protection = read_write}, {66, 1}).status() == Status::invalid);
    CHECK(f.machine.spaces.space(process)->regions().size() == 1);
}

TEST_CASE("more than the budget is refused at once, address space alone is not") {
    Fixture f;
    REQUIRE(f.create(100) == Status::ok);
    CHECK(f.map(100 * page_bytes).status() == Status::out_of_memory);
    CHECK(f.map(50 * page_bytes).has_value());
    CHECK(f.map(1000 * page_bytes, Protection::none).has_value());
}

TEST_CASE("unmap and protect check their ranges") {
    Fixture f;
    REQUIRE(f.create() == Status::ok);
    REQUIRE(f.map(4 * page_bytes).has_value());
    const auto unmap = [&](VirtualAddress address, std::uint64_t bytes) {
        return f.status<Unmap>({address, bytes}, process);
    };
    CHECK(unmap(base + 1, page_bytes) == Status::invalid);
    CHECK(unmap(base, 0) == Status::invalid);
    CHECK(unmap(base, ~0ull) == Status::invalid);
    CHECK(unmap({~0xfffull}, page_bytes) == Status::invalid);
    CHECK(unmap(base + page_bytes, 1) == Status::ok);
    CHECK(f.fault(base + page_bytes, FaultAccess::read) == Status::bad_address);
    CHECK(f.fault(base + 2 * page_bytes, FaultAccess::read) == Status::ok);
    CHECK(f.status<Unmap>({base, page_bytes}, {66, 1}) == Status::invalid);

    const auto protect = [&](VirtualAddress address, std::uint64_t bytes, Protection protection) {
        return f.status<Protect>({address, bytes, protection}, process);
    };
    const VirtualAddress there = base + 2 * page_bytes;
    CHECK(protect(there, 2 * page_bytes, Protection::read) == Status::ok);
    CHECK(f.fault(there, FaultAccess::write) == Status::bad_address);
    CHECK(protect(there, 2 * page_bytes, read_write | Protection::execute) == Status::access_denied);
    CHECK(protect(there, 2 * page_bytes, static_cast<Protection>(16)) == Status::invalid);
    CHECK(protect(there + 1, page_bytes, Protection::read) == Status::invalid);
    CHECK(protect(there, 0, Protection::read) == Status::ok);
    CHECK(protect(base, 4 * page_bytes, Protection::read) == Status::out_of_memory); // the hole
    CHECK(unmap({0}, user_layout::stack_end.value) == Status::ok);                   // everything
    CHECK(f.machine.spaces.space(process)->resident_pages() == 0);
}

TEST_CASE("device registers are mapped within the caller's privileges, RAM never") {
    Fixture f;
    constexpr PhysicalAddress registers{0xfeb0'0000};
    Privileges privileges{.service = {20}, .memory_range_count = 2};
    privileges.memory_ranges[0] = {registers, 0x2010};
    privileges.memory_ranges[1] = {{50 * page_bytes}, page_bytes}; // RAM, by mistake
    f.machine.kernel.add(process, privileges);
    REQUIRE(f.create() == Status::ok);
    const auto map = [&](PhysicalAddress address, std::uint64_t bytes) {
        return f.call<DeviceMap>({address, bytes}, process);
    };
    CHECK(map(registers, 0x2010)->address == user_layout::devices);
    const auto entry = f.machine.translate(process, user_layout::devices + 0x1000);
    CHECK(entry.address() == registers + 0x1000);
    CHECK(entry.uncached());
    CHECK(entry.access() == vm::PageAccess::read_write);
    CHECK(map(registers + 0x124, 8)->address == user_layout::devices + 0x3124);
    CHECK(map(registers, 0).status() == Status::invalid);
    CHECK(map(registers, 0x2011).status() == Status::not_permitted);
    CHECK(map(registers - 1, 2).status() == Status::not_permitted);
    CHECK(map(registers + 0x2010, 1).status() == Status::not_permitted);
    CHECK(map({~0ull}, 2).status() == Status::not_permitted);
    CHECK(map(registers, ~0ull).status() == Status::invalid);
    CHECK(map({50 * page_bytes}, 1).status() == Status::not_permitted);
    CHECK(f.status<Unmap>({user_layout::devices, 0x3000}, process) == Status::ok);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("a failed device mapping leaves nothing") {
    Fixture f;
    Privileges privileges{.memory_range_count = 1};
    privileges.memory_ranges[0] = {{0xfeb0'0000}, 0x1000};
    f.machine.kernel.add(process, privileges);
    REQUIRE(f.create(4) == Status::ok);
    CHECK(f.status<DeviceMap>({{0xfeb0'0000}, 0x1000}, process) == Status::out_of_memory);
    CHECK(f.machine.spaces.space(process)->regions().size() == 1);
    CHECK(f.machine.spaces.space(process)->table_pages() == 3);
}

TEST_CASE("every space has the kernel's clock page, read-only, on nobody's account, and cannot be rid of it") {
    Fixture f;
    const auto before = f.machine.frames.counts();
    REQUIRE(f.create() == Status::ok);
    const auto entry = f.machine.translate(process, user_layout::clock);
    CHECK(entry.address() == f.machine.boot_info.clock_page);
    CHECK(entry.access() == vm::PageAccess::read);
    const vm::Space& space = *f.machine.spaces.space(process);
    CHECK(space.resident_pages() == 0);
    CHECK(f.machine.frames.counts().process == before.process);
    CHECK(f.status<Unmap>({user_layout::clock, page_bytes}, process) != Status::ok);
    CHECK(f.status<Protect>({user_layout::clock, page_bytes, read_write}, process) != Status::ok);
    CHECK(f.machine.translate(process, user_layout::clock).access() == vm::PageAccess::read);
    f.machine.kernel.processes.erase(process);
    REQUIRE(f.status<SpaceDestroy>({process}, endpoints::rs) == Status::ok);
    CHECK(f.machine.frames.counts().free == before.free);
    CHECK(f.machine.frames.counts().kernel == before.kernel);
}

TEST_CASE("a process is told of its own memory") {
    Fixture f;
    REQUIRE(f.status<SpaceCreate>({.process = process, .budget_pages = 50, .preserved_pages = 2, .contiguous_pages = 3},
                                  endpoints::rs) == Status::ok);
    const auto own = *f.call<OwnMemory>({}, process);
    CHECK(own.preserved == user_layout::preserved);
    CHECK(own.preserved_bytes == 2 * page_bytes);
    CHECK(own.contiguous == user_layout::contiguous);
    CHECK(own.contiguous_bytes == 3 * page_bytes);
    CHECK(own.contiguous_physical == f.machine.translate(process, own.contiguous).address());
    CHECK(own.inherited == 0);
    CHECK(f.status<Unmap>({own.preserved, page_bytes}, process) == Status::invalid);

    const Endpoint next{6, 1};
    f.machine.kernel.add(next, {.service = {20}});
    REQUIRE(
        f.status<SpaceCreate>(
            {.process = next, .inherit_from = process, .budget_pages = 50, .preserved_pages = 2, .contiguous_pages = 3},
            endpoints::rs) == Status::ok);
    CHECK(f.call<OwnMemory>({}, next)->inherited == 1);
    CHECK(f.call<OwnMemory>({}, next)->contiguous_physical == own.contiguous_physical);
    CHECK(f.call<OwnMemory>({}, {66, 1})->preserved_bytes == 0);
}

TEST_CASE("statistics tell of memory, spaces and regions") {
    Fixture f;
    REQUIRE(f.create() == Status::ok);
    REQUIRE(f.load() == Status::ok);
    const auto memory = *f.call<MemoryStatistics>({}, manager);
    CHECK(memory.kernel + memory.archive + memory.page_tables + memory.vm_own + memory.process + memory.preserved +
              memory.free ==
          memory.total);
    CHECK(memory.spaces == 2);
    CHECK(memory.largest_free_block <= memory.free);

    const auto space = *f.call<SpaceStatistics>({process}, manager);
    CHECK(space.regions == 5);
    CHECK(space.resident_pages == memory.process + 1); // a page of the archive
    CHECK(space.budget_pages == 200);
    CHECK(f.call<SpaceStatistics>({{66, 1}}, manager).status() == Status::no_such);

    std::uint64_t bytes = 0;
    std::uint32_t resident = 0;
    VirtualAddress from{};
    for (;;) {
        const auto region = f.call<RegionNext>({process, from}, manager);
        if (!region.has_value()) {
            CHECK(region.error() == Status::no_entry);
            break;
        }
        CHECK(region->start >= from);
        CHECK_FALSE(includes(region->protection, Protection::write | Protection::execute));
        bytes += region->bytes;
        resident += f.call<PagesCount>({process, region->start}, manager)->resident;
        from = region->start + region->bytes;
    }
    CHECK(bytes == space.virtual_bytes);
    CHECK(resident == space.resident_pages);
    CHECK(f.call<RegionNext>({process, {~0ull}}, manager).status() == Status::no_entry);
    CHECK(f.call<RegionNext>({{66, 1}, {}}, manager).status() == Status::no_such);

    CHECK(f.fault({1}, FaultAccess::read) == Status::bad_address);
    const auto counts = *f.call<EventCounts>({}, manager);
    CHECK(counts.counts[static_cast<std::size_t>(CountedEvent::faults)] == 1);
    const auto later = *f.call<EventCounts>({static_cast<std::uint32_t>(CountedEvent::refused_no_region)}, manager);
    CHECK(later.counts[0] == 1);
    CHECK(later.counts[counted_event_count - static_cast<std::size_t>(CountedEvent::refused_no_region)] == 0);
    CHECK(f.call<EventCounts>({~0u}, manager)->counts == EventCounts::Reply{}.counts);
}

TEST_CASE("VM tells of its own space too") {
    Fixture f;
    const auto space = *f.call<SpaceStatistics>({endpoints::vm}, manager);
    CHECK(space.regions == 6);
    CHECK(space.page_table_pages == 8);
    CHECK(space.resident_pages == 5);
    CHECK(space.virtual_bytes == 6 * page_bytes + 2 * large_page_bytes);
    CHECK(space.budget_pages == 0);

    std::vector<RegionNext::Reply> regions;
    VirtualAddress from{};
    while (const auto region = f.call<RegionNext>({endpoints::vm, from}, manager)) {
        regions.push_back(*region);
        from = region->start + region->bytes;
    }
    REQUIRE(regions.size() == 6);
    CHECK(regions[0].kind == RegionKind::data);
    CHECK(regions[0].protection == Protection::read);
    CHECK(regions[1].kind == RegionKind::code);
    CHECK(regions[1].start == VirtualAddress{0x401000});
    CHECK(regions[1].bytes == 2 * page_bytes);
    CHECK(regions[2].protection == read_write);
    CHECK(regions[3].start == user_layout::boot_info);
    CHECK(regions[3].kind == RegionKind::information);
    CHECK(regions[4].start == user_layout::physical_view);
    CHECK(regions[4].bytes == 2 * large_page_bytes);
    CHECK(f.call<PagesCount>({endpoints::vm, regions[4].start}, manager)->resident == 0);
    CHECK(regions[5].start == user_layout::clock);
    CHECK(regions[5].kind == RegionKind::information);
    CHECK(regions[5].protection == Protection::read);
    CHECK(f.call<PagesCount>({endpoints::vm, regions[5].start}, manager)->resident == 0);
}

TEST_CASE("unknown operations are answered") {
    Fixture f;
    for (const std::uint64_t word : {0ull, 0x10000ull + VmProtocol::List::size, 0x1ffffull, 0x20000ull, ~0ull}) {
        Received received{.source = process};
        received.message.words[0] = word;
        const auto answer = runtime::dispatch<VmProtocol>(f.machine.checked_service, received);
        REQUIRE(answer.has_value());
        CHECK(static_cast<std::int64_t>(answer->words[0]) == -static_cast<std::int64_t>(Status::bad_call));
    }
}

TEST_CASE("any message leaves VM sane") {
    Fixture f;
    f.machine.kernel.add({2, 1});
    std::mt19937_64 random(99);
    bool exact = true;
    // Words that are close to something that means something.
    const auto word = [&]() -> std::uint64_t {
        constexpr std::array<std::uint64_t, 12> interesting{0,
                                                            1,
                                                            0x1000,
                                                            0x400000,
                                                            process.value(),
                                                            (Endpoint{2, 1}.value()),
                                                            ~0ull,
                                                            user_layout::anonymous.value,
                                                            user_layout::preserved.value,
                                                            user_layout::stack_end.value,
                                                            user_layout::end.value,
                                                            0x1'0000'0003};
        const std::uint64_t value = interesting[random() % interesting.size()];
        return random() % 3 == 0 ? value + random() % 0x20000 : random() % 3 == 0 ? value * page_bytes : value;
    };
    for (int i = 0; i < 60'000; ++i) {
        constexpr std::array callers{endpoints::rs, process, manager, Endpoint{2, 1}, Endpoint{66, 1}};
        Received received{.source = callers[random() % callers.size()]};
        for (auto& w : received.message.words) w = word();
        received.message.words[0] = 0x10000 + random() % (VmProtocol::List::size + 1);
        const bool from_kernel = random() % 4 == 0;
        received.kind = !from_kernel ? MessageKind::message : static_cast<MessageKind>(2 + random() % 2);
        if (from_kernel)
            f.machine.checked_service.kernel_message(received);
        else
            (void)runtime::dispatch<VmProtocol>(f.machine.checked_service, received);
        if (i % 256 == 0) exact = exact && f.machine.counts_are_exact();
        if (i % 2048 != 0) continue;
        const auto report = f.machine.checker.check();
        if (!report.has_value()) continue; // no memory for it
        CAPTURE(i, f.machine.kernel.lines);
        REQUIRE(report->problems == 0);
    }
    CHECK(exact);
    CHECK(f.call<MemoryStatistics>({}, manager).has_value());
}

namespace {

// A user process that runs `program`, with strings in its memory.
struct RunningFixture : Fixture {
    RunningFixture() {
        REQUIRE(create() == Status::ok);
        REQUIRE(load() == Status::ok);
        REQUIRE(map(page_bytes)->address == base);
        REQUIRE(fault(base, FaultAccess::write) == Status::ok);
        std::memcpy(machine.memory_of(process, base), "new\0-x\0A=b", 11);
    }
    SpaceExec::Request request(std::string_view program) const {
        return {
            .process = process, .program = Name(program), .arguments = base, .argument_bytes = 11, .argument_count = 2};
    }
    Status exec(const SpaceExec::Request& request, Endpoint caller = manager) {
        return status<SpaceExec>(request, caller);
    }
};

} // namespace

TEST_CASE("exec: another program, with arguments and environment from the old memory") {
    RunningFixture f;
    const auto before = f.machine.frames.counts();
    const auto old_stack = f.machine.kernel.bound[process].stack;
    f.machine.kernel.bound.clear();
    REQUIRE(f.exec(f.request("program")) == Status::ok);
    REQUIRE(f.machine.kernel.bound.contains(process));
    const VirtualAddress stack = f.machine.kernel.bound[process].stack;
    CHECK(stack != old_stack);
    std::uint64_t count = 0;
    std::memcpy(&count, f.machine.memory_of(process, stack), sizeof(count));
    CHECK(count == 2);
    CHECK(std::memcmp(f.machine.memory_of(process, user_layout::stack_end - 12), "new\0-x\0A=b", 11) == 0);
    CHECK(f.fault(base, FaultAccess::read) == Status::bad_address); // what was mapped is gone
    CHECK(f.machine.frames.counts().process == before.process - 1);
    CHECK(f.machine.spaces.count() == 2);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("exec: whatever is wrong, the old image stays") {
    RunningFixture f;
    const auto before = f.machine.frames.counts().free;
    f.machine.kernel.bound.clear();
    CHECK(f.exec(f.request("missing")) == Status::no_entry);
    CHECK(f.exec(f.request("text")) == Status::not_executable);
    CHECK(f.exec(f.request("damaged")) == Status::damaged);
    auto wrong = f.request("program");
    CHECK(f.exec(wrong, process) == Status::not_permitted);
    wrong.process = {77, 1};
    CHECK(f.exec(wrong) == Status::no_such);
    wrong = f.request("program"), wrong.argument_bytes = 4097;
    CHECK(f.exec(wrong) == Status::too_big);
    wrong = f.request("program"), wrong.argument_count = 4;
    CHECK(f.exec(wrong) == Status::invalid);
    wrong = f.request("program"), wrong.arguments = base + page_bytes - 5;
    CHECK(f.exec(wrong) == Status::bad_address);
    wrong.arguments = {~0ull - 5};
    CHECK(f.exec(wrong) == Status::bad_address);
    f.machine.kernel.processes.erase(process);
    CHECK(f.exec(f.request("program")) == Status::dead_endpoint);
    CHECK_FALSE(f.machine.kernel.bound.contains(process));
    CHECK(std::memcmp(f.machine.memory_of(process, base), "new\0-x", 6) == 0);
    CHECK(f.machine.frames.counts().free == before);
}

TEST_CASE("fork: by the supervisor alone") {
    RunningFixture f;
    constexpr Endpoint child{6, 1};
    f.machine.kernel.add(child, {.supervisor = manager_service});
    const auto fork = [&](Endpoint parent, Endpoint caller) {
        return f.status<SpaceFork>({.parent = parent, .child = child}, caller);
    };
    CHECK(fork(process, process) == Status::not_permitted);
    CHECK(fork({77, 1}, manager) == Status::no_such);
    CHECK(fork(process, manager) == Status::ok);
    CHECK(fork(process, manager) == Status::exists);
    const auto forks = *f.call<EventCounts>({static_cast<std::uint32_t>(CountedEvent::forks)}, manager);
    CHECK(forks.counts[0] == 1);
    CHECK(f.status<SpaceDestroy>({child}, manager) == Status::ok);
}

TEST_CASE("exec: a process with memory for a device keeps it, and its image") {
    RunningFixture f;
    Privileges driver{.service = {20}, .supervisor = manager_service};
    driver.memory_range_count = 1;
    f.machine.kernel.add(process, driver);
    const auto block = f.call<ContiguousMap>({.bytes = 2 * page_bytes}, process);
    REQUIRE(block.has_value());
    const auto before = f.machine.frames.counts();
    CHECK(f.exec(f.request("program")) == Status::invalid);
    CHECK(f.machine.translate(process, block->address).address() == block->physical);
    CHECK(f.machine.frames.counts().free == before.free);
    REQUIRE(f.status<Unmap>({block->address, 2 * page_bytes}, process) == Status::ok);
    CHECK(f.exec(f.request("program")) == Status::ok);
}
