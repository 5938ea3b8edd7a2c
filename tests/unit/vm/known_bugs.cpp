// SPDX-License-Identifier: BSD-3-Clause
// Bugs that the virtual memory server of MINIX 3 had, by the commits that corrected them. Here are the tests of those
// that this VM could have too and that nothing else tests. The others:
//
// 8214e5e28  write access at the last reference    faults.cpp, "copying the same page after each of many forks ..."
// 8d800b3df  a kernel request over regions         faults.cpp, "a request is for all its pages, over regions"
// ed1af3c86  partial unmap                         region.cpp, "a range is removed whatever it touches"
// 25817b085  page 0 as "no memory"                 free_list.cpp, "page 0 is a page like any other, ..."
// 6d7b77076  an allocator that needs itself        free_list.cpp, "every second page of a large memory ..."
// 0d984b36e  spare pages of VM                     frame_allocator.cpp, "the last pages are for VM itself"
// d343041ca  faults in shared memory by flags      shared_memory.cpp, "what one writes, all see, ..."
// 95cb93971  a range that ends before it starts    region.cpp, "page ranges are checked before they are ranges"
// f199fc0bf  tables made while tables are made     page_table.cpp, "no half-made state is ever visible"
// b1da7fafd, aefc6db00, f53651de0  out of memory   out_of_memory.cpp
// b3f47f583  stacks that are resident as a whole   image_loader.cpp, "the stack has its reserve and a hole below"
// 6513d2074, 421f324ba, 8fa95abae  stale entries   random_memory.cpp compares what a processor may still know
// 4668b8415  read-only attach                      shared_memory.cpp, "who got it read-only cannot make it writable"
// b91295a8d, 99866db8c  hints, exact places        service.cpp, "anonymous memory is mapped upwards, at a hint, ..."
// 2867e60ad, 5a4672e30  transfer and its roll-back spaces.cpp, "a failed inheritance leaves the memory where it was"
// 78d707cd2, 8e87bd84b  masks of permitted calls   service.cpp, "only RS makes and loads spaces" and the like
// 3779ed93c  killed while VM works for it          faults.cpp, a fault of an endpoint of an earlier generation
//
// What cannot be here: one large mapping that must hold VM too (f0db9bb32), as VM has page tables of its own; blocks of
// several pages (c78250332, 40b4e71db, 19e6dad47), as a frame is a page; a list of faults to poll (f51eea4b3), as a
// fault is a message; `malloc` in VM (5c7d64b98, 29edcad31), as VM has no C library; replies that cross requests
// (2109df275, 37489f8a2), as VM sends no request to a server.

#include "kernel/abi/user_layout.h"
#include "servers/vm/service.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::Machine;

namespace {

constexpr Endpoint process{5, 1};
constexpr Endpoint driver{6, 1};
constexpr ServiceId driver_service{12};
constexpr VirtualAddress base = user_layout::anonymous;
constexpr Protection read_write = Protection::read | Protection::write;

struct Fixture {
    Fixture() {
        Privileges privileges{.service = driver_service, .io_range_count = 1};
        machine.kernel.add(process);
        machine.kernel.add(driver, privileges);
        for (const Endpoint each : {process, driver})
            REQUIRE(machine.spaces.create({.process = each, .budget_pages = 100}).has_value());
    }

    template <class Operation>
    Result<typename Operation::Reply> call(const typename Operation::Request& request, Endpoint caller = process) {
        Received received{.source = caller};
        received.message.words[0] = VmProtocol::number<Operation>;
        protocol::store_payload(received.message, request);
        const auto answer = runtime::dispatch<VmProtocol>(machine.checked_service, received);
        REQUIRE(answer.has_value());
        const auto status = static_cast<Status>(-static_cast<std::int64_t>(answer->words[0]));
        if (status != Status::ok) return status;
        return protocol::load_payload<typename Operation::Reply>(*answer);
    }
    VirtualAddress map(std::uint64_t pages, MapSharing sharing = MapSharing::own) {
        return call<Map>({.bytes = pages * page_bytes, .protection = read_write, .sharing = sharing}).value().address;
    }
    void unmap(VirtualAddress address, std::uint64_t bytes, Endpoint caller = process) {
        REQUIRE(call<Unmap>({address, bytes}, caller).has_value());
    }
    Status touch(VirtualAddress address) {
        return machine.spaces.space(process)->resolve(address, vm::Access::write).status();
    }
    void put(VirtualAddress address, int value) {
        REQUIRE(touch(address) == Status::ok);
        *machine.memory_of(process, address) = static_cast<std::byte>(value);
    }
    int get(VirtualAddress address) {
        REQUIRE(touch(address) == Status::ok);
        return std::to_integer<int>(*machine.memory_of(process, address));
    }

    Machine machine;
};

} // namespace

TEST_CASE("be992434e: the bytes of an unmap are rounded up to pages") {
    Fixture f;
    const VirtualAddress memory = f.map(4);
    f.unmap(memory, 1);
    CHECK(f.touch(memory) == Status::bad_address);
    CHECK(f.touch(memory + page_bytes) == Status::ok);
    f.unmap(memory + page_bytes, page_bytes + 1);
    CHECK(f.touch(memory + 2 * page_bytes) == Status::bad_address);
    CHECK(f.touch(memory + 3 * page_bytes) == Status::ok);
}

TEST_CASE("274fdff60: shared memory that shrinks from below keeps its offsets") {
    Fixture f;
    const VirtualAddress memory = f.map(5, MapSharing::shared);
    for (std::uint64_t i = 0; i < 4; ++i) f.put(memory + i * page_bytes, static_cast<int>(i + 1));
    f.unmap(memory, 2 * page_bytes);
    CHECK(f.call<SharedStatus>({memory + 2 * page_bytes})->offset == 2 * page_bytes);
    CHECK(f.get(memory + 2 * page_bytes) == 3);
    const auto again = f.call<Remap>({.destination = process,
                                      .address = memory + 20 * page_bytes,
                                      .source = memory + 3 * page_bytes,
                                      .bytes = 2 * page_bytes,
                                      .protection = read_write});
    REQUIRE(again.has_value());
    CHECK(f.get(again->address) == 4);
    f.put(again->address + page_bytes, 5); // nobody had this page before
    CHECK(f.get(memory + 4 * page_bytes) == 5);
}

TEST_CASE("274fdff60: a buffer for a device that shrinks from below keeps its frames, and leaves just these behind") {
    Fixture f;
    const auto block = f.call<ContiguousMap>({.bytes = 4 * page_bytes}, driver);
    REQUIRE(block.has_value());
    f.unmap(block->address, page_bytes, driver);
    const auto second_page = f.machine.translate(driver, block->address + page_bytes);
    CHECK(second_page.address() == block->physical + page_bytes);
    REQUIRE(f.machine.spaces.destroy(driver).has_value());
    CHECK(f.machine.frames.references(block->physical) == 0);
    std::uint64_t pages = 0;
    f.machine.spaces.contiguous_pool().for_each_left([&](const vm::ContiguousBlock& each) {
        CHECK(each.base == block->physical + page_bytes);
        pages += each.pages;
    });
    CHECK(pages == 3);
}

TEST_CASE("ecf9b4084: what is told of a region is what it is") {
    Fixture f;
    constexpr std::array protections{Protection::none, Protection::read, read_write,
                                     Protection::read | Protection::execute};
    std::array<VirtualAddress, protections.size()> places;
    for (std::size_t i = 0; i < places.size(); ++i) {
        places[i] = base + 8 * i * page_bytes;
        REQUIRE(f.call<Map>({.address = places[i],
                             .bytes = 3 * page_bytes,
                             .protection = protections[i],
                             .placement = MapPlacement::exactly})
                    .has_value());
    }
    f.put(places[2] + page_bytes, 1);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto region = f.call<RegionNext>({process, places[i]});
        REQUIRE(region.has_value());
        CHECK(region->start == places[i]);
        CHECK(region->bytes == 3 * page_bytes);
        CHECK(region->protection == protections[i]);
        CHECK(region->kind == RegionKind::anonymous);
        const vm::AddressRange range{places[i], places[i] + 3 * page_bytes};
        CHECK(f.machine.spaces.space(process)->resident_pages(range) == (protections[i] == read_write ? 1u : 0u));
    }
}

TEST_CASE("bdb85248d: the kernel is answered that memory is there, or one of two reasons why not") {
    Fixture f;
    const VirtualAddress memory = f.map(2);
    const auto answer = [&](VirtualAddress address, std::uint64_t bytes) {
        const MemoryRequest request{process.value(), address.value, bytes, 1};
        f.machine.checked_service.kernel_message(
            {.source = driver, .kind = MessageKind::memory_request, .message = pack(request)});
        return f.machine.kernel.answers.back();
    };
    CHECK(answer(memory, 2 * page_bytes).status == Status::ok);
    CHECK(answer(memory, 3 * page_bytes).status == Status::bad_address);
    CHECK(answer(memory, 3 * page_bytes).process == driver); // who waits, not whose memory it is
    vm::Budget& budget = f.machine.spaces.space(process)->budget();
    const VirtualAddress more = f.map(2);
    const std::uint32_t left = budget.left();
    REQUIRE(budget.take(left).has_value());
    CHECK(answer(more, page_bytes).status == Status::out_of_memory);
    budget.give(left);
    CHECK(answer(more, page_bytes).status == Status::ok);
}
