// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/sharing.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include "tests/unit/vm/machine.h"
#include "tests/unit/vm/random_run.h"
#include <catch2/catch.hpp>
#include <random>
#include <set>

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::Machine;

namespace {

constexpr VirtualAddress base = user_layout::anonymous;
constexpr Protection read_write = Protection::read | Protection::write;
constexpr VirtualAddress page(std::uint64_t number) { return base + number * page_bytes; }

constexpr Endpoint in_slot(std::uint32_t slot) { return {slot, 1}; }

using Holders = std::set<std::uint32_t>;

Holders slots_of(const ProcessSet& processes) {
    Holders slots;
    for (std::uint32_t slot = processes.next(0); slot < process_limit; slot = processes.next(slot + 1))
        slots.insert(slot);
    return slots;
}

struct SharedPage {
    Holders processes;
    SharingReason reason;
    bool operator==(const SharedPage&) const = default;
};
using SharedPages = std::map<std::pair<std::uint32_t, std::uint64_t>, SharedPage>; // by slot and address

struct Fixture {
    explicit Fixture(std::uint64_t pages = 1024) : machine(pages, files()) {
        machine.kernel.add(endpoints::rs, {.service = service_ids::rs});
        for (std::uint32_t slot = 2; slot < 12; ++slot) machine.kernel.add(in_slot(slot));
    }
    static tests::ArchiveBytes files() {
        return tests::ArchiveBytes()
            .add("program", tests::elf_bytes({.entry = 0x401100}, tests::usual_segments()), {.alignment = page_bytes})
            .add("other", tests::elf_bytes({.entry = 0x401101}, tests::usual_segments()), {.alignment = page_bytes});
    }

    template <class Operation>
    Result<typename Operation::Reply> call(const typename Operation::Request& request,
                                           Endpoint caller = endpoints::rs) {
        Received received{.source = caller};
        received.message.words[0] = VmProtocol::number<Operation>;
        protocol::store_payload(received.message, request);
        const auto answer = runtime::dispatch<VmProtocol>(machine.checked_service, received);
        REQUIRE(answer.has_value());
        const auto status = static_cast<Status>(-static_cast<std::int64_t>(answer->words[0]));
        if (status != Status::ok) return status;
        return protocol::load_payload<typename Operation::Reply>(*answer);
    }

    void create(Endpoint process, std::string_view program = {}) {
        REQUIRE(call<SpaceCreate>({.process = process, .budget_pages = 700}).has_value());
        if (!program.empty()) REQUIRE(call<ImageLoad>({.process = process, .program = Name(program)}).has_value());
    }
    void map(Endpoint process, std::uint64_t pages) {
        REQUIRE(call<Map>({.address = base,
                           .bytes = pages * page_bytes,
                           .protection = read_write,
                           .placement = MapPlacement::exactly},
                          process)
                    .has_value());
    }
    // More than the process may ever hold.
    void reserve(Endpoint process, std::uint64_t pages) {
        REQUIRE(machine.spaces.space(process)
                    ->map_over({.range = {base, page(pages)},
                                .access = vm::PageAccess::read_write,
                                .type = &machine.types.anonymous})
                    .has_value());
    }
    void touch(Endpoint process, VirtualAddress address, vm::Access access = vm::Access::write) {
        REQUIRE(machine.spaces.space(process)->resolve(address, access).has_value());
    }
    void fork(Endpoint parent, Endpoint child) {
        REQUIRE(machine.spaces.fork(*machine.spaces.find(parent), child).has_value());
    }

    std::vector<SharedRunNext::Reply> runs() {
        std::vector<SharedRunNext::Reply> found;
        SharedRunNext::Request request{};
        while (const auto run = call<SharedRunNext>(request)) {
            CHECK(std::tuple(std::uint32_t{run->slot}, run->next) > std::tuple(request.slot, request.from));
            request = {.slot = run->slot, .from = run->next};
            if (run->pages > 0) found.push_back(*run);
        }
        return found;
    }
    SharedPages told() {
        SharedPages pages;
        for (const auto& run : runs())
            for (std::uint64_t i = 0; i < run.pages; ++i)
                CHECK(pages
                          .emplace(std::pair(run.slot, run.start.value + i * page_bytes),
                                   SharedPage{slots_of(run.processes), run.reason})
                          .second);
        return pages;
    }
    // Found the long way: every page of every process, with what the processor would find there.
    SharedPages seen() const {
        std::map<std::uint64_t, std::map<std::uint32_t, std::uint64_t>> addresses; // by frame and slot
        machine.spaces.for_each([&](const vm::ProcessMemory& memory) {
            const vm::Space& space = memory.space;
            for (const vm::Region* region = space.regions().first(); region; region = vm::RegionMap::next(*region))
                if (region->type->fork() == vm::MemoryType::Fork::copy)
                    space.table().for_each(region->range.start, region->range.end,
                                           [&](VirtualAddress address, vm::PageEntry entry) {
                                               addresses[entry.address().value][space.owner().slot()] = address.value;
                                           });
        });
        SharedPages pages;
        for (const auto& [frame, holders] : addresses) {
            if (holders.size() < 2) continue;
            SharedPage shared{{}, SharingReason::fork};
            for (const auto& [slot, address] : holders) shared.processes.insert(slot);
            const bool archive = frame >= machine.boot_info.archive.value &&
                                 frame < machine.boot_info.archive.value + machine.boot_info.archive_bytes;
            if (archive) shared.reason = SharingReason::image;
            pages[*holders.begin()] = shared;
        }
        return pages;
    }
    PagesCount::Reply counted(Endpoint process, VirtualAddress from) {
        PagesCount::Reply sum{};
        for (VirtualAddress at = from;;) {
            const auto part = call<PagesCount>({process, at});
            if (!part.has_value()) break;
            CHECK(part->end > at);
            sum.resident += part->resident;
            sum.shared += part->shared;
            sum.end = at = part->end;
            if (machine.spaces.space(process)->regions().containing(from)->range.end == at) break;
        }
        return sum;
    }

    Machine machine;
};

} // namespace

TEST_CASE("sharing: the pages of a program that two processes run") {
    Fixture f;
    f.create(in_slot(4), "program");
    CHECK(f.runs().empty()); // the boot archive is no process
    f.create(in_slot(2), "program");
    f.create(in_slot(3), "other");
    const auto runs = f.runs();
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].start == VirtualAddress{0x401000}); // the one page that the file has whole
    CHECK(runs[0].pages == 1);
    CHECK(runs[0].slot == 2);
    CHECK(slots_of(runs[0].processes) == Holders{2, 4});
    CHECK(runs[0].reason == SharingReason::image);
    CHECK(f.told() == f.seen());
}

TEST_CASE("sharing: a fork shares all until somebody writes") {
    Fixture f;
    f.create(in_slot(5), "program");
    f.map(in_slot(5), 8);
    for (const std::uint64_t i : {0, 1, 2, 3, 6}) f.touch(in_slot(5), page(i));
    f.fork(in_slot(5), in_slot(3));
    f.fork(in_slot(5), in_slot(9));
    f.touch(in_slot(9), page(1));
    f.touch(in_slot(9), page(7));
    CHECK(f.told() == f.seen());
    std::vector<SharedRunNext::Reply> runs;
    for (const auto& run : f.runs())
        if (run.start >= base && run.start < page(8)) runs.push_back(run);
    REQUIRE(runs.size() == 4);
    const std::array<std::uint64_t, 4> starts{0, 1, 2, 6};
    const std::array<std::uint32_t, 4> lengths{1, 1, 2, 1};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        CHECK(runs[i].start == page(starts[i]));
        CHECK(runs[i].pages == lengths[i]);
        CHECK(runs[i].reason == SharingReason::fork);
        CHECK(slots_of(runs[i].processes) == (i == 1 ? Holders{3, 5} : Holders{3, 5, 9}));
    }
    f.touch(in_slot(3), page(1)); // now nobody shares it
    REQUIRE(f.machine.spaces.destroy(in_slot(3)).has_value());
    CHECK(f.told() == f.seen());
    REQUIRE(f.machine.spaces.destroy(in_slot(9)).has_value());
    CHECK(f.runs().empty());
}

TEST_CASE("sharing: shared memory is told by its identity") {
    Fixture f;
    f.create(in_slot(4));
    CHECK(f.call<SharedMemoryNext>({}).status() == Status::no_entry);
    const auto share = [&](std::uint64_t pages) {
        return f
            .call<Map>({.bytes = pages * page_bytes, .protection = read_write, .sharing = MapSharing::shared},
                       in_slot(4))
            ->address;
    };
    const VirtualAddress first = share(600);
    const VirtualAddress second = share(3);
    f.touch(in_slot(4), first);
    f.touch(in_slot(4), first + 599 * page_bytes);
    f.fork(in_slot(4), in_slot(8));
    f.touch(in_slot(8), first, vm::Access::read);
    CHECK(f.runs().empty()); // these are for private memory
    const auto one = *f.call<SharedMemoryNext>({});
    CHECK(slots_of(one.processes) == Holders{4, 8});
    CHECK(one.pages == 600);
    CHECK(one.resident_pages == 2);
    CHECK(one.maker == in_slot(4));
    CHECK(one.slot == process_limit);
    const auto two = *f.call<SharedMemoryNext>({.identity = one.identity + 1});
    CHECK(two.pages == 3);
    CHECK(two.resident_pages == 0);
    CHECK(f.call<SharedMemoryNext>({.identity = two.identity + 1}).status() == Status::no_entry);
    CHECK(slots_of(f.call<SharedMemoryNext>({.identity = 0, .slot = 5})->processes) == Holders{8});
    CHECK(f.call<SharedMemoryNext>({.identity = 0, .slot = ~0u})->processes == ProcessSet{});

    // Whether the child touched a page decides whether it shares it.
    const auto counted = f.counted(in_slot(4), first);
    CHECK(counted.resident == 2);
    CHECK(counted.shared == 2); // a fork enters what is there
    f.touch(in_slot(8), second);
    CHECK(f.counted(in_slot(8), second).shared == 0);
    f.touch(in_slot(4), second);
    CHECK(f.counted(in_slot(8), second).shared == 1);
    const auto region = *f.call<RegionNext>({in_slot(8), second});
    CHECK(region.identity == two.identity);
    CHECK(region.offset == 0);
    REQUIRE(f.call<Unmap>({second, page_bytes}, in_slot(8)).has_value());
    CHECK(f.call<RegionNext>({in_slot(8), second})->offset == page_bytes);
    CHECK(f.call<MemoryStatistics>({})->shared_objects == 2);
}

TEST_CASE("sharing: pages are counted by region") {
    Fixture f;
    f.create(in_slot(2), "program");
    f.map(in_slot(2), 8);
    for (const std::uint64_t i : {0, 1, 2, 7}) f.touch(in_slot(2), page(i));
    CHECK(f.counted(in_slot(2), base).resident == 4);
    CHECK(f.counted(in_slot(2), base).shared == 0);
    CHECK(f.counted(in_slot(2), page(2)).resident == 2);
    CHECK(f.counted(in_slot(2), {0x401000}).shared == 0);
    f.create(in_slot(3), "program");
    CHECK(f.counted(in_slot(2), {0x401000}).shared == 1);
    f.fork(in_slot(2), in_slot(4));
    CHECK(f.counted(in_slot(2), base).shared == 4);
    CHECK(f.counted(in_slot(2), user_layout::clock).resident == 0); // the kernel's
    CHECK(f.call<PagesCount>({in_slot(2), page(8)}).status() == Status::no_entry);
    CHECK(f.call<PagesCount>({in_slot(99), base}).status() == Status::no_such);
    CHECK(f.call<PagesCount>({endpoints::vm, {0x400000}})->resident == 1);
    CHECK(f.call<PagesCount>({endpoints::vm, {0x401000}})->end == VirtualAddress{0x403000});
    CHECK(f.call<PagesCount>({endpoints::vm, {0}}).status() == Status::no_entry);
}

TEST_CASE("sharing: no request looks into everything") {
    Fixture f(4096);
    constexpr Endpoint process = in_slot(2);
    REQUIRE(f.call<SpaceCreate>({.process = process, .budget_pages = 3000}).has_value());
    constexpr std::uint64_t gibibyte_pages = 1 << 18;
    f.reserve(process, 4 * gibibyte_pages);
    constexpr std::uint64_t touched = 1500;
    for (std::uint64_t i = 0; i < touched; ++i) f.touch(process, page(i));
    f.touch(process, page(4 * gibibyte_pages - 1));
    for (std::uint32_t slot = 3; slot < 11; ++slot) {
        REQUIRE(f.machine.spaces.create({.process = in_slot(slot), .budget_pages = 100}).has_value());
    }
    REQUIRE(f.machine.spaces.destroy(in_slot(10)).has_value());
    f.fork(process, in_slot(10));

    // 1501 pages, 9 spaces: the first answer ends before all of them are looked at.
    const auto first = *f.call<SharedRunNext>({});
    CHECK(first.start == page(0));
    CHECK(first.pages >= vm::SharingScan::looks_at_once / 12);
    CHECK(first.pages < touched);
    std::uint64_t pages = 0;
    for (const auto& run : f.runs()) pages += run.pages;
    CHECK(pages == touched + 1);

    const auto part = *f.call<PagesCount>({process, base});
    CHECK(part.end == page(4 * gibibyte_pages)); // mostly without page tables: one look for 512 pages
    f.reserve(process, 40 * gibibyte_pages);     // which is a new one
    f.touch(process, page(39 * gibibyte_pages));
    CHECK(f.call<PagesCount>({process, base})->end < page(39 * gibibyte_pages));
    CHECK(f.counted(process, base).resident == 1);
}

TEST_CASE("sharing: a walk with any cursor ends or goes on") {
    Fixture f;
    f.create(in_slot(2), "program");
    f.create(in_slot(3), "program");
    for (const std::uint32_t slot : {0u, 2u, 3u, 255u, 256u, 70'000u, ~0u})
        for (const std::uint64_t from : {0ull, 0x401000ull, 0x401fffull, 0x7f'ffff'f000ull, 1ull << 47, ~0ull}) {
            const auto run = f.call<SharedRunNext>({.slot = slot, .from = {from}});
            if (run.has_value()) CHECK((run->slot > slot || (run->slot == slot && run->next > VirtualAddress{from})));
            (void)f.call<PagesCount>({in_slot(slot), {from}});
        }
}

TEST_CASE("sharing: what is told is what page tables show, whatever happened") {
    Fixture f(2048);
    std::mt19937_64 random(tests::seed_or(11));
    const auto number = [&](std::uint64_t below) { return random() % below; };
    f.create(in_slot(2), "program");
    f.map(in_slot(2), 24);
    std::set<std::uint32_t> alive{2};
    for (unsigned step = 0; step < 600; ++step) {
        auto chosen = alive.begin();
        std::advance(chosen, number(alive.size()));
        const std::uint32_t slot = *chosen;
        const std::uint32_t place = 2 + static_cast<std::uint32_t>(number(8));
        switch (number(8)) {
        case 0:
            if (!alive.contains(place)) {
                f.fork(in_slot(slot), in_slot(place));
                alive.insert(place);
            }
            break;
        case 1:
            if (alive.size() > 1) {
                REQUIRE(f.machine.spaces.destroy(in_slot(slot)).has_value());
                alive.erase(slot);
            }
            break;
        case 2:
            if (!alive.contains(place)) {
                f.create(in_slot(place), number(2) == 0 ? "program" : "other");
                f.map(in_slot(place), 24);
                alive.insert(place);
            }
            break;
        case 3:
            REQUIRE(f.call<Protect>({page(number(24)), page_bytes, Protection::read}, in_slot(slot)).has_value());
            REQUIRE(f.call<Protect>({page(0), 24 * page_bytes, read_write}, in_slot(slot)).has_value());
            break;
        default:
            f.touch(in_slot(slot), page(number(24)), number(2) == 0 ? vm::Access::read : vm::Access::write);
        }
        if (step % 10 == 0) REQUIRE(f.told() == f.seen());
    }
}

TEST_CASE("free memory is told range by range") {
    Fixture f;
    f.create(in_slot(2));
    f.map(in_slot(2), 40);
    for (std::uint64_t i = 0; i < 40; ++i) f.touch(in_slot(2), page(i));
    for (std::uint64_t i = 0; i < 40; i += 4) REQUIRE(f.call<Unmap>({page(i), page_bytes}, in_slot(2)).has_value());
    std::uint64_t pages = 0;
    std::uint64_t largest = 0;
    std::uint32_t ranges = 0;
    PhysicalAddress from;
    while (const auto range = f.call<FreeRangeNext>({from})) {
        CHECK(range->base >= from);
        CHECK(range->pages > 0);
        pages += range->pages;
        largest = std::max(largest, range->pages);
        ++ranges;
        from = range->base + range->pages * page_bytes;
    }
    const auto memory = *f.call<MemoryStatistics>({});
    CHECK(pages == memory.free);
    CHECK(largest == memory.largest_free_block);
    CHECK(ranges == memory.free_ranges);
    CHECK(ranges > 10);
    CHECK(f.call<FreeRangeNext>({{~0ull}}).status() == Status::no_entry);
}
