// SPDX-License-Identifier: BSD-3-Clause
// Memory by way of VM.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/counters.h"
#include "kernel/abi/user_layout.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "tests/target/misbehaviour.h"
#include "tests/target/test.h"
#include <array>
#include <cstring>

namespace tessera::target {

namespace {

using namespace protocol::vm;

constexpr Protection read_write = Protection::read | Protection::write;

template <class Operation> Result<typename Operation::Reply> vm(const typename Operation::Request& request) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

VirtualAddress map(std::uint64_t bytes, Protection protection = read_write) {
    return require_value(
               vm<Map>({.address = {}, .bytes = bytes, .protection = protection, .placement = MapPlacement::anywhere}))
        .address;
}

Status map_at(VirtualAddress address, std::uint64_t bytes, Protection protection = read_write) {
    return vm<Map>({.address = address, .bytes = bytes, .protection = protection, .placement = MapPlacement::exactly})
        .status();
}

void unmap(VirtualAddress address, std::uint64_t bytes) {
    require_value(vm<Unmap>({.address = address, .bytes = bytes}));
}

std::byte* bytes_at(VirtualAddress address) { return reinterpret_cast<std::byte*>(address.value); }

// The kernel writes there on our behalf: it can, or it answers bad_address. No fault of our own.
bool writable(VirtualAddress address) {
    const Status status = kernel_call<kernel_calls::CountersRead>({.address = address}).status();
    require(status == Status::ok || status == Status::bad_address, status_name(status));
    return status == Status::ok;
}

bool all_zero(VirtualAddress address, std::uint64_t bytes) {
    for (std::uint64_t i = 0; i < bytes; ++i)
        if (bytes_at(address)[i] != std::byte{0}) return false;
    return true;
}

void new_memory_is_zero(Environment&) {
    constexpr std::uint64_t bytes = 8 * page_bytes;
    for (int round = 0; round < 3; ++round) {
        const VirtualAddress address = map(bytes);
        require(all_zero(address, bytes), "zero");
        std::memset(bytes_at(address), 0xa5, bytes); // what the next round must not find
        unmap(address, bytes);
    }
}

void unmapped_memory_is_gone(Environment&) {
    const VirtualAddress address = map(3 * page_bytes);
    std::memset(bytes_at(address), 1, 3 * page_bytes);
    unmap(address + page_bytes, page_bytes); // a hole
    require(writable(address), "the first page");
    require(!writable(address + page_bytes), "the hole");
    require(bytes_at(address + 2 * page_bytes)[0] == std::byte{1}, "the third page keeps its contents");
    unmap(address, 3 * page_bytes); // over the hole
    require(!writable(address) && !writable(address + 2 * page_bytes), "all gone");
    unmap(address, 3 * page_bytes); // nothing there: fine
}

void exact_placement_replaces(Environment&) {
    const VirtualAddress address = map(3 * page_bytes);
    std::memset(bytes_at(address), 1, 3 * page_bytes);
    require_status(map_at(address + page_bytes, page_bytes), Status::ok);
    require(all_zero(address + page_bytes, page_bytes), "new and zero");
    require(bytes_at(address)[0] == std::byte{1} && bytes_at(address + 2 * page_bytes)[0] == std::byte{1},
            "the neighbours are as they were");
    unmap(address, 3 * page_bytes);
}

void protections(Environment&) {
    const VirtualAddress address = map(2 * page_bytes);
    bytes_at(address)[0] = std::byte{42};
    const auto protect = [&](Protection protection) {
        return vm<Protect>({.address = address, .bytes = page_bytes, .protection = protection}).status();
    };
    require_status(protect(Protection::read), Status::ok);
    require(!writable(address), "read-only");
    require(writable(address + page_bytes), "the other page");
    require(bytes_at(address)[0] == std::byte{42}, "readable");
    require_status(protect(Protection::none), Status::ok);
    require(!writable(address), "inaccessible");
    require_status(protect(read_write), Status::ok);
    require(bytes_at(address)[0] == std::byte{42}, "contents survive");
    require(writable(address), "writable again");
    unmap(address, 2 * page_bytes);
}

void no_memory_is_writable_and_executable(Environment&) {
    constexpr Protection both = Protection::write | Protection::execute;
    require_status(vm<Map>({.address = {}, .bytes = page_bytes, .protection = both}).status(), Status::access_denied);
    require_status(vm<Map>({.address = {}, .bytes = page_bytes, .protection = both | Protection::read}).status(),
                   Status::access_denied);
    const VirtualAddress address = map(page_bytes);
    require_status(vm<Protect>({.address = address, .bytes = page_bytes, .protection = both}).status(),
                   Status::access_denied);
    unmap(address, page_bytes);
}

void bad_ranges(Environment&) {
    require_status(vm<Map>({.address = {}, .bytes = 0, .protection = read_write}).status(), Status::invalid, "nothing");
    require_status(map_at({0x10'0000'0001}, page_bytes), Status::invalid, "misaligned");
    require_status(map_at({0}, page_bytes), Status::invalid, "null");
    require_status(map_at(user_layout::end, page_bytes), Status::invalid, "behind user space");
    require_status(map_at({kernel_address}, page_bytes), Status::invalid, "the kernel");
    require_status(map_at({non_canonical_address}, page_bytes), Status::invalid, "not canonical");
    require_status(map_at({0 - page_bytes}, 2 * page_bytes), Status::invalid, "a range that wraps");
    require_status(vm<Map>({.address = {}, .bytes = page_bytes, .protection = static_cast<Protection>(64)}).status(),
                   Status::invalid, "an unknown protection");
    require_status(vm<Unmap>({.address = {1}, .bytes = page_bytes}).status(), Status::invalid, "misaligned");
    require_status(vm<Unmap>({.address = {kernel_address}, .bytes = page_bytes}).status(), Status::invalid, "kernel");
    require_status(
        vm<Protect>({.address = {kernel_address}, .bytes = page_bytes, .protection = Protection::read}).status(),
        Status::invalid, "kernel");
}

void more_than_the_budget(Environment&) {
    for (const std::uint64_t bytes : {16ull << 20, 1ull << 32, 1ull << 37, ~0ull - page_bytes})
        require(!vm<Map>({.address = {}, .bytes = bytes, .protection = read_write}).has_value(),
                std::format("{} bytes are refused", bytes));
    require_status(vm<Map>({.address = {}, .bytes = 16ull << 20, .protection = read_write}).status(),
                   Status::out_of_memory);
    unmap(map(page_bytes), page_bytes); // and the next good request works
}

void what_only_rs_may(Environment&) {
    require_status(vm<SpaceCreate>({.process = endpoints::rs, .budget_pages = 10}).status(), Status::not_permitted);
    require_status(vm<ImageLoad>({.process = endpoints::rs}).status(), Status::not_permitted);
    require_status(vm<SpaceDestroy>({.process = endpoints::rs}).status(), Status::not_permitted);
    require_status(vm<ArchiveMap>({}).status(), Status::not_permitted);
    require_status(vm<DeviceMap>({.base = {0xb8000}, .bytes = page_bytes}).status(), Status::not_permitted);
    require_status(vm<DeviceMap>({.base = {~0ull - 10}, .bytes = page_bytes}).status(), Status::not_permitted);
}

void statistics_follow(Environment&) {
    constexpr std::uint32_t pages = 32;
    const auto free_pages = [] { return require_value(vm<MemoryStatistics>({})).free; };
    const auto address = map(pages * page_bytes);
    const std::uint32_t before = free_pages();
    std::memset(bytes_at(address), 1, pages * page_bytes);
    const std::uint32_t touched = free_pages();
    require(before - touched >= pages && before - touched <= pages + 3, "touched pages are taken, not mapped ones");
    unmap(address, pages * page_bytes);
    require(free_pages() >= touched + pages, "and come back");
}

void many_maps(Environment&) {
    std::array<VirtualAddress, 64> addresses;
    for (VirtualAddress& address : addresses) {
        address = map(page_bytes);
        bytes_at(address)[0] = std::byte{1};
    }
    for (std::size_t i = 0; i < addresses.size(); i += 2) unmap(addresses[i], page_bytes);
    for (std::size_t i = 1; i < addresses.size(); i += 2) {
        require(bytes_at(addresses[i])[0] == std::byte{1}, "still there");
        unmap(addresses[i], page_bytes);
    }
}

constexpr std::array tests{
    Test{"memory.zero", new_memory_is_zero},
    Test{"memory.unmap", unmapped_memory_is_gone},
    Test{"memory.exact_placement", exact_placement_replaces},
    Test{"memory.protect", protections},
    Test{"memory.write_xor_execute", no_memory_is_writable_and_executable},
    Test{"memory.bad_ranges", bad_ranges},
    Test{"memory.budget", more_than_the_budget},
    Test{"memory.not_permitted", what_only_rs_may},
    Test{"memory.statistics", statistics_follow},
    Test{"memory.many_maps", many_maps},
};

} // namespace

std::span<const Test> memory_tests() { return tests; }

} // namespace tessera::target
