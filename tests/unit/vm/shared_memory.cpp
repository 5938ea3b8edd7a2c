// SPDX-License-Identifier: BSD-3-Clause
// Shared memory, memory for devices and the heap, as clients see them (servers/vm/service_sharing.cpp,
// shared_memory.cpp).

#include "kernel/abi/user_layout.h"
#include "servers/vm/service.h"
#include "tests/unit/boot/elf_bytes.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::Machine;

namespace {

constexpr Endpoint server{4, 1};
constexpr Endpoint client{5, 1};
constexpr Endpoint other{6, 1};
constexpr Endpoint driver{8, 1};
constexpr Protection read_write = Protection::read | Protection::write;
constexpr VirtualAddress base = user_layout::anonymous;

struct Fixture {
    Fixture() {
        for (const Endpoint process : {server, client, other}) {
            machine.kernel.add(process, {.service = {process == server ? std::uint8_t{9} : std::uint8_t{0}}});
            REQUIRE(machine.spaces.create({.process = process, .budget_pages = 100}).has_value());
        }
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
    VirtualAddress share(std::uint64_t pages, Endpoint caller = server) {
        return call<Map>({.bytes = pages * page_bytes, .protection = read_write, .sharing = MapSharing::shared}, caller)
            ->address;
    }
    Result<Remap::Reply> remap(Endpoint to, VirtualAddress source, std::uint64_t bytes,
                               Protection protection = read_write, VirtualAddress address = {}) {
        return call<Remap>(
            {.destination = to, .address = address, .source = source, .bytes = bytes, .protection = protection},
            server);
    }
    void wait_for_server(Endpoint process) { machine.kernel.awaiting[process] = server; }
    Status touch(Endpoint process, VirtualAddress address, vm::Access access = vm::Access::write) {
        return machine.spaces.space(process)->resolve(address, access).status();
    }
    void put(Endpoint process, VirtualAddress address, int value) {
        REQUIRE(touch(process, address) == Status::ok);
        *machine.memory_of(process, address) = static_cast<std::byte>(value);
    }
    int get(Endpoint process, VirtualAddress address) {
        REQUIRE(touch(process, address, vm::Access::read) == Status::ok);
        return std::to_integer<int>(*machine.memory_of(process, address));
    }
    SharedStatus::Reply status_of(VirtualAddress address, Endpoint caller = server) {
        return call<SharedStatus>({.address = address}, caller).value();
    }

    Machine machine;
};

} // namespace

TEST_CASE("shared memory: what one writes, all see, whoever touched it first") {
    Fixture f;
    f.wait_for_server(client);
    const VirtualAddress source = f.share(4);
    f.put(server, source, 1);
    const auto mapped = f.remap(client, source, 4 * page_bytes);
    REQUIRE(mapped.has_value());
    CHECK(f.get(client, mapped->address) == 1);
    f.put(client, mapped->address + 3 * page_bytes, 3); // nobody had that page before
    CHECK(f.get(server, source + 3 * page_bytes) == 3);
    f.put(client, mapped->address, 2);
    CHECK(f.get(server, source) == 2);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("shared memory: read-only for others, and never more than the owner has") {
    Fixture f;
    f.wait_for_server(client);
    const VirtualAddress source = f.share(2);
    const auto mapped = f.remap(client, source, 2 * page_bytes, Protection::read);
    REQUIRE(mapped.has_value());
    CHECK(f.touch(client, mapped->address) == Status::bad_address);
    f.put(server, source, 7);
    CHECK(f.get(client, mapped->address) == 7);
    REQUIRE(
        f.machine.spaces.space(server)->protect({source, source + 2 * page_bytes}, vm::PageAccess::read).has_value());
    CHECK(f.remap(client, source, page_bytes, read_write).status() == Status::access_denied);
    CHECK(f.remap(client, source, page_bytes, Protection::read | Protection::execute).status() ==
          Status::access_denied);
    CHECK(f.remap(client, source, page_bytes, read_write | Protection::execute).status() == Status::access_denied);
}

TEST_CASE("shared memory: who got it read-only cannot make it writable, nor can its children") {
    Fixture f;
    constexpr Endpoint child{7, 1};
    f.machine.kernel.add(child);
    f.wait_for_server(client);
    const VirtualAddress source = f.share(3);
    const VirtualAddress mapped = f.remap(client, source, 3 * page_bytes, Protection::read)->address;
    REQUIRE(f.machine.spaces.fork(*f.machine.spaces.find(client), child).has_value());
    for (const Endpoint process : {client, child}) {
        const auto protect = [&](VirtualAddress address, Protection protection) {
            return f.call<Protect>({address, page_bytes, protection}, process).status();
        };
        CHECK(protect(mapped, read_write) == Status::access_denied);
        CHECK(protect(mapped, Protection::read | Protection::execute) == Status::access_denied);
        CHECK(protect(mapped + page_bytes, Protection::none) == Status::ok); // less, and back
        CHECK(protect(mapped + page_bytes, read_write) == Status::access_denied);
        CHECK(protect(mapped + page_bytes, Protection::read) == Status::ok);
        CHECK(f.touch(process, mapped + page_bytes) == Status::bad_address);
    }
    CHECK(f.call<Protect>({source, page_bytes, Protection::read}, server).has_value());
    CHECK(f.call<Protect>({source, page_bytes, read_write}, server).has_value()); // whoever made it may do as it likes
}

TEST_CASE("shared memory: the server reaches those who wait for it, nobody else") {
    Fixture f;
    const VirtualAddress source = f.share(1);
    CHECK(f.remap(client, source, page_bytes).status() == Status::not_permitted);
    f.machine.kernel.awaiting[client] = other;
    CHECK(f.remap(client, source, page_bytes).status() == Status::not_permitted);
    CHECK(f.remap({77, 1}, source, page_bytes).status() == Status::no_such);
    CHECK(f.remap(server, source, page_bytes).has_value()); // itself
    f.wait_for_server(client);
    const auto mapped = f.remap(client, source, page_bytes);
    REQUIRE(mapped.has_value());
    f.machine.kernel.awaiting.clear();
    CHECK(f.call<SharedUnmap>({client, mapped->address}, server).status() == Status::not_permitted);
    CHECK(f.call<SharedUnmap>({server, source}, client).status() == Status::not_permitted);
}

TEST_CASE("shared memory: a remap with wrong arguments changes nothing") {
    Fixture f;
    f.wait_for_server(client);
    const VirtualAddress source = f.share(2);
    const VirtualAddress own = f.call<Map>({.bytes = page_bytes, .protection = read_write}, server)->address;
    CHECK(f.remap(client, source, 0).status() == Status::invalid);
    CHECK(f.remap(client, source + 1, page_bytes).status() == Status::invalid);
    CHECK(f.remap(client, source, ~0ull).status() == Status::invalid);
    CHECK(f.remap(client, source, 3 * page_bytes).status() == Status::bad_address);
    CHECK(f.remap(client, own, page_bytes).status() == Status::bad_address);
    CHECK(f.remap(client, {0x700000}, page_bytes).status() == Status::bad_address);
    CHECK(f.remap(client, source, page_bytes, static_cast<Protection>(64)).status() == Status::invalid);
    CHECK(f.remap(client, source, page_bytes, read_write, base + 8).status() == Status::invalid);
    CHECK(f.remap(client, source, page_bytes, read_write, user_layout::clock).status() == Status::invalid);
    REQUIRE(f.remap(client, source, page_bytes, read_write, base)->address == base);
    CHECK(f.remap(client, source, page_bytes, read_write, base).status() == Status::invalid); // taken
    CHECK(f.status_of(source).mappings == 2);
}

TEST_CASE("shared memory: identity and count of mappings") {
    Fixture f;
    f.wait_for_server(client);
    f.wait_for_server(other);
    const VirtualAddress source = f.share(3);
    const VirtualAddress second = f.share(1);
    const auto status = f.status_of(source + page_bytes);
    CHECK(status.mappings == 1);
    CHECK(status.pages == 3);
    CHECK(status.offset == page_bytes);
    CHECK(status.identity != f.status_of(second).identity);
    const VirtualAddress at_client = f.remap(client, source, 3 * page_bytes)->address;
    const VirtualAddress at_other = f.remap(other, source + page_bytes, page_bytes)->address;
    CHECK(f.status_of(source).mappings == 3);
    CHECK(f.status_of(at_client, client).identity == status.identity);
    CHECK(f.status_of(at_other, other).offset == page_bytes);
    CHECK(f.call<SharedStatus>({.address = {0x700000}}, client).status() == Status::bad_address);
    REQUIRE(f.call<SharedUnmap>({client, at_client}, server).has_value());
    CHECK(f.touch(client, at_client) == Status::bad_address);
    CHECK(f.status_of(source).mappings == 2);
    CHECK(f.call<SharedUnmap>({client, at_client}, server).status() == Status::bad_address);
    REQUIRE(f.machine.spaces.destroy(other).has_value());
    CHECK(f.status_of(source).mappings == 1);
}

TEST_CASE("shared memory: lives as long as a mapping, then nothing of it is left") {
    Fixture f;
    f.wait_for_server(client);
    const auto before = f.machine.frames.counts();
    const VirtualAddress source = f.share(8);
    for (std::uint64_t i = 0; i < 8; ++i) f.put(server, source + i * page_bytes, static_cast<int>(i));
    CHECK(f.machine.spaces.space(server)->budget().left() <= 100 - 8);
    const VirtualAddress mapped = f.remap(client, source + 2 * page_bytes, 4 * page_bytes)->address;
    const auto client_left = f.machine.spaces.space(client)->budget().left();
    CHECK(f.get(client, mapped) == 2);
    CHECK(f.machine.spaces.space(client)->budget().left() + 3 > client_left); // page tables alone
    const bool server_first = GENERATE(false, true);
    const auto unmap = [&](Endpoint process, VirtualAddress address, std::uint64_t pages) {
        REQUIRE(f.call<Unmap>({address, pages * page_bytes}, process).has_value());
    };
    if (server_first) {
        unmap(server, source, 8);
        CHECK(f.get(client, mapped + page_bytes) == 3); // it survives its maker's mapping
        CHECK(f.machine.shared.count() == 1);
        unmap(client, mapped + page_bytes, 2); // a hole: two mappings are left
        CHECK(f.status_of(mapped, client).mappings == 2);
        unmap(client, mapped, 4);
    } else {
        unmap(client, mapped, 4);
        unmap(server, source, 8);
    }
    CHECK(f.machine.shared.count() == 0);
    const auto after = f.machine.frames.counts();
    CHECK(after.process == before.process);
    CHECK(after.page_tables == before.page_tables);
}

TEST_CASE("shared memory: its charge is the maker's, whole, and goes with it") {
    Fixture f;
    f.wait_for_server(client);
    CHECK(f.call<Map>({.bytes = 101 * page_bytes, .protection = read_write, .sharing = MapSharing::shared}, server)
              .status() == Status::out_of_memory);
    const VirtualAddress source = f.share(60);
    CHECK(f.call<Map>({.bytes = 60 * page_bytes, .protection = read_write, .sharing = MapSharing::shared}, server)
              .status() == Status::out_of_memory);
    REQUIRE(f.remap(client, source, 60 * page_bytes).has_value());
    REQUIRE(f.machine.spaces.destroy(server).has_value());
    CHECK(f.machine.shared.count() == 1);
    f.put(client, base, 5);
    REQUIRE(f.machine.spaces.destroy(client).has_value());
    CHECK(f.machine.shared.count() == 0);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("shared memory: a child has the same, and its own mapping of it") {
    Fixture f;
    constexpr Endpoint child{7, 1};
    f.machine.kernel.add(child);
    const VirtualAddress source = f.share(2, client);
    f.put(client, source, 1);
    REQUIRE(f.machine.spaces.fork(*f.machine.spaces.find(client), child).has_value());
    f.put(child, source, 2);
    CHECK(f.get(client, source) == 2);
    f.put(client, source + page_bytes, 3);
    CHECK(f.get(child, source + page_bytes) == 3);
    CHECK(f.status_of(source, client).mappings == 2);
    REQUIRE(f.machine.spaces.destroy(client).has_value());
    CHECK(f.get(child, source) == 2);
}

TEST_CASE("the heap grows and shrinks behind the program") {
    Machine machine(
        1024, tests::ArchiveBytes().add("program", tests::elf_bytes({.entry = 0x401100}, tests::usual_segments()), {}));
    machine.kernel.add(endpoints::rs, {.service = service_ids::rs});
    machine.kernel.add(client, {});
    auto& space = (*machine.spaces.create({.process = client, .budget_pages = 40}))->space;
    CHECK(space.move_heap_end({0x500000}).status() == Status::out_of_memory); // no program, no heap
    REQUIRE(vm::ImageLoader(machine.environment)
                .load(space, machine.programs.find(Name("program")).value(), {}, {})
                .has_value());
    const VirtualAddress start = space.heap_end();
    CHECK(start == VirtualAddress{0x409000});
    const auto left = space.budget().left();
    REQUIRE(space.move_heap_end(start + 10).has_value());
    CHECK(space.heap_end() == start + 10);
    CHECK(space.resolve(start, vm::Access::write).has_value());
    CHECK(space.resolve(start + page_bytes, vm::Access::write).status() == Status::bad_address);
    REQUIRE(space.move_heap_end(start + 3 * page_bytes).has_value());
    CHECK(space.resolve(start + 2 * page_bytes, vm::Access::write).has_value());
    CHECK(space.regions().containing(start)->type->kind() == RegionKind::heap);
    CHECK(space.regions().containing(start)->range.pages() == 3);
    REQUIRE(space.move_heap_end(start + 1).has_value());
    CHECK(space.resolve(start + page_bytes, vm::Access::read).status() == Status::bad_address);
    CHECK(space.move_heap_end(start - 1).status() == Status::invalid);
    CHECK(space.move_heap_end(start + 100 * page_bytes).status() == Status::out_of_memory); // the budget
    CHECK(space.move_heap_end(user_layout::stack_end).status() == Status::out_of_memory);
    REQUIRE(space
                .map({.range = {start + 4 * page_bytes, start + 5 * page_bytes},
                      .access = vm::PageAccess::read,
                      .type = &machine.types.anonymous})
                .has_value());
    CHECK(space.move_heap_end(start + 6 * page_bytes).status() == Status::out_of_memory); // something is there
    REQUIRE(space.move_heap_end(start).has_value());
    CHECK(space.budget().left() == left);
}

TEST_CASE("memory for devices: contiguous, low, aligned, for drivers alone") {
    Fixture f;
    Privileges privileges{.service = {12}};
    privileges.memory_range_count = 1;
    f.machine.kernel.add(driver, privileges);
    REQUIRE(f.machine.spaces.create({.process = driver, .budget_pages = 60}).has_value());
    const auto map = [&](std::uint64_t bytes, PhysicalAddress limit, std::uint64_t alignment,
                         Endpoint caller = driver) {
        return f.call<ContiguousMap>({.bytes = bytes, .limit = limit, .alignment = alignment}, caller);
    };
    CHECK(map(page_bytes, {}, 0, client).status() == Status::not_permitted);
    CHECK(map(page_bytes, {}, 0, server).status() == Status::not_permitted); // a service without a device
    CHECK(map(0, {}, 0).status() == Status::invalid);
    CHECK(map(page_bytes, {}, 3000).status() == Status::invalid);
    CHECK(map(61 * page_bytes, {}, 0).status() == Status::out_of_memory);
    CHECK(map(page_bytes, {page_bytes}, 0).status() == Status::out_of_memory);

    const auto free = f.machine.frames.counts().free;
    const auto block = map(3 * page_bytes - 5, {1 << 20}, 64 * 1024);
    REQUIRE(block.has_value());
    CHECK(block->physical.value % (64 * 1024) == 0);
    CHECK(block->physical + 3 * page_bytes <= PhysicalAddress{1 << 20});
    for (std::uint64_t i = 0; i < 3; ++i) {
        const auto entry = f.machine.translate(driver, block->address + i * page_bytes);
        CHECK(entry.address() == block->physical + i * page_bytes);
        CHECK(entry.access() == vm::PageAccess::read_write);
    }
    SECTION("a driver that unmaps it gives it back, the slack of the alignment too") {
        REQUIRE(f.call<Unmap>({block->address, 3 * page_bytes}, driver).has_value());
        CHECK(f.machine.frames.counts().free == free);
    }
    SECTION("when its driver dies it is kept for the next one") {
        REQUIRE(f.machine.spaces.destroy(driver).has_value());
        CHECK(f.machine.frames.counts().preserved == 3);
        constexpr Endpoint next{8, 2};
        f.machine.kernel.add(next, privileges);
        REQUIRE(f.machine.spaces.create({.process = next, .budget_pages = 60}).has_value());
        CHECK(map(3 * page_bytes, {1 << 20}, 64 * 1024, next)->physical == block->physical);
        CHECK(f.machine.frames.counts().preserved == 3);
    }
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("memory for devices: a driver whose budget has no room for page tables frees nothing twice") {
    Fixture f;
    Privileges privileges{.service = {12}};
    privileges.memory_range_count = 1;
    f.machine.kernel.add(driver, privileges);
    const auto before = f.machine.frames.counts();
    for (std::uint32_t budget = 4; budget < 12; ++budget) {
        REQUIRE(f.machine.spaces.create({.process = driver, .budget_pages = budget}).has_value());
        const auto mapped = f.call<ContiguousMap>({.bytes = 4 * page_bytes}, driver);
        CHECK(mapped.has_value() == (budget >= 3 + 4 + 2)); // the clock page's tables, the block, its own tables
        if (mapped.has_value()) CHECK(f.call<Unmap>({mapped->address, 4 * page_bytes}, driver).has_value());
        CHECK(f.machine.counts_are_exact());
        REQUIRE(f.machine.spaces.destroy(driver).has_value());
        CHECK(f.machine.frames.counts().preserved == before.preserved);
    }
}
