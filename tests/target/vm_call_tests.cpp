// SPDX-License-Identifier: BSD-3-Clause
// The calls of VM and their errors, as a service sees them; memory_tests.cpp has map, unmap and protect. Copies of the
// kernel over memory that is not there yet.

#include "kernel/abi/user_layout.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "tests/target/test.h"
#include <array>
#include <cstring>
#include <numeric>

namespace tessera::target {

namespace {

using namespace protocol::vm;

constexpr Protection read_write = Protection::read | Protection::write;
constexpr Endpoint nobody{200, 77};

template <class Operation> Result<typename Operation::Reply> vm(const typename Operation::Request& request) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

Endpoint own_endpoint() {
    using namespace protocol::rs;
    return require_value(runtime::call<RsProtocol, Lookup>(endpoints::rs, {.label = Name("target_tests"), .wait = {}}))
        .endpoint;
}

std::byte* bytes_at(VirtualAddress address) { return reinterpret_cast<std::byte*>(address.value); }

// Memory that goes with the test.
class Mapping {
public:
    explicit Mapping(const Map::Request& request)
        : address_(require_value(vm<Map>(request)).address),
          bytes_(pages_for(request.bytes) * page_bytes) {}
    Mapping(VirtualAddress address, std::uint64_t bytes) : address_(address), bytes_(bytes) {}
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { (void)vm<Unmap>({.address = address_, .bytes = bytes_}); }

    VirtualAddress address() const { return address_; }
    std::span<std::byte> memory() const { return {bytes_at(address_), bytes_}; }

private:
    VirtualAddress address_;
    std::uint64_t bytes_;
};

Map::Request shared(std::uint64_t pages) {
    return {.address = {}, .bytes = pages * page_bytes, .protection = read_write, .sharing = MapSharing::shared};
}

SharedStatus::Reply status_of(VirtualAddress address) { return require_value(vm<SharedStatus>({address})); }

void hints(Environment&) {
    constexpr VirtualAddress hint{0x20'0000'0000};
    const Mapping first({.address = hint, .bytes = 2 * page_bytes, .protection = read_write});
    require_equal(first.address().value, hint.value, "a hint that is free");
    const Mapping second({.address = hint + page_bytes, .bytes = page_bytes, .protection = read_write});
    require(second.address() >= hint + 2 * page_bytes || second.address() < hint, "a hint that is taken");
    for (const VirtualAddress address : {hint + 5, user_layout::stack_end, VirtualAddress{~0ull}}) {
        const Mapping elsewhere({.address = address, .bytes = page_bytes, .protection = read_write});
        require(elsewhere.address() >= user_layout::anonymous && elsewhere.address() < user_layout::anonymous_end,
                "a hint that is no place for it");
    }
}

void map_errors(Environment&) {
    const Map::Request good{.address = {}, .bytes = page_bytes, .protection = read_write};
    auto wrong = good;
    wrong.placement = static_cast<MapPlacement>(2);
    require_status(vm<Map>(wrong).status(), Status::invalid, "an unknown placement");
    wrong = good, wrong.sharing = static_cast<MapSharing>(2);
    require_status(vm<Map>(wrong).status(), Status::invalid, "an unknown kind of sharing");
    wrong = shared(1ull << 20);
    require_status(vm<Map>(wrong).status(), Status::out_of_memory, "shared memory over the budget");
    wrong = good, wrong.placement = MapPlacement::exactly, wrong.address = user_layout::clock;
    require_status(vm<Map>(wrong).status(), Status::invalid, "over the clock page");
    require_status(vm<Unmap>({.address = user_layout::clock, .bytes = page_bytes}).status(), Status::invalid, "clock");
    require_status(vm<Unmap>({.address = user_layout::anonymous, .bytes = 0}).status(), Status::invalid, "no bytes");
    const Protect::Request clock{.address = user_layout::clock, .bytes = page_bytes, .protection = read_write};
    require_status(vm<Protect>(clock).status(), Status::access_denied, "the clock page");
    const Mapping two({.address = {}, .bytes = 2 * page_bytes, .protection = read_write});
    const Protect::Request beyond{.address = two.address(), .bytes = 1ull << 30, .protection = Protection::read};
    require_status(vm<Protect>(beyond).status(), Status::out_of_memory, "more than is mapped");
    bytes_at(two.address())[0] = std::byte{1}; // and nothing of it was done
}

void shared_twice(Environment&) {
    const Endpoint self = own_endpoint();
    const Mapping first(shared(4));
    const auto status = status_of(first.address() + page_bytes + 8);
    require_equal(status.offset, page_bytes + 8, "the offset");
    require_equal(status.mappings, 1u, "mappings");
    require_equal(status.pages, 4u, "pages");
    const Remap::Request again{.destination = self,
                               .address = {},
                               .source = first.address() + page_bytes,
                               .bytes = 2 * page_bytes,
                               .protection = Protection::read};
    const Mapping second(require_value(vm<Remap>(again)).address, 2 * page_bytes);
    require_equal(status_of(second.address()).identity, status.identity, "one identity");
    require_equal(status_of(second.address()).mappings, 2u, "two mappings");
    bytes_at(first.address() + 2 * page_bytes)[5] = std::byte{42};
    require(bytes_at(second.address() + page_bytes)[5] == std::byte{42}, "the same memory");
    const Protect::Request more{.address = second.address(), .bytes = page_bytes, .protection = read_write};
    require_status(vm<Protect>(more).status(), Status::access_denied, "read-only stays read-only");
    require_value(vm<SharedUnmap>({.process = self, .address = second.address()}));
    require_equal(status_of(first.address()).mappings, 1u, "one is left");
    require_status(vm<SharedStatus>({second.address()}).status(), Status::bad_address, "the other is gone");
}

void sharing_errors(Environment& environment) {
    const Endpoint self = own_endpoint();
    const Endpoint assistant = require_value(environment.assistant.endpoint());
    const Mapping memory(shared(2));
    const Mapping own({.address = {}, .bytes = page_bytes, .protection = read_write});
    const Remap::Request good{.destination = self,
                              .address = {},
                              .source = memory.address(),
                              .bytes = page_bytes,
                              .protection = Protection::read};
    const auto refused = [&](Remap::Request request, Status status, std::string_view what) {
        require_status(vm<Remap>(request).status(), status, what);
    };
    auto wrong = good;
    wrong.destination = nobody;
    refused(wrong, Status::no_such, "nobody");
    wrong = good, wrong.destination = assistant;
    refused(wrong, Status::not_permitted, "who waits for nobody");
    wrong = good, wrong.bytes = 0;
    refused(wrong, Status::invalid, "no bytes");
    wrong = good, wrong.bytes = ~0ull;
    refused(wrong, Status::invalid, "all bytes");
    wrong = good, wrong.source = memory.address() + 1;
    refused(wrong, Status::invalid, "misaligned");
    wrong = good, wrong.address = own.address();
    refused(wrong, Status::invalid, "an address that is taken");
    wrong = good, wrong.bytes = 3 * page_bytes;
    refused(wrong, Status::bad_address, "more than there is");
    wrong = good, wrong.source = own.address();
    refused(wrong, Status::bad_address, "memory that is not shared");
    wrong = good, wrong.protection = read_write | Protection::execute;
    refused(wrong, Status::access_denied, "writable code");
    const auto unmap = [](Endpoint process, VirtualAddress address) {
        return vm<SharedUnmap>({.process = process, .address = address}).status();
    };
    require_status(unmap(nobody, memory.address()), Status::no_such, "nobody");
    require_status(unmap(assistant, memory.address()), Status::not_permitted, "who waits for nobody");
    require_status(unmap(self, own.address()), Status::bad_address, "memory that is not shared");
    require_status(unmap(self, memory.address() + page_bytes), Status::bad_address, "not where it begins");
    require_status(vm<SharedStatus>({own.address()}).status(), Status::bad_address, "memory that is not shared");
    require_status(vm<ContiguousMap>({.bytes = page_bytes, .limit = {}, .alignment = 0}).status(),
                   Status::not_permitted, "memory for a device, without a device");
    require_status(vm<ContiguousMap>({.bytes = 0, .limit = {}, .alignment = 0}).status(), Status::invalid, "no bytes");
    require_status(vm<ContiguousMap>({.bytes = page_bytes, .limit = {}, .alignment = 3000}).status(), Status::invalid,
                   "no power of two");
}

void spaces_of_others(Environment& environment) {
    const Endpoint assistant = require_value(environment.assistant.endpoint());
    require_status(vm<SpaceFork>({.parent = nobody, .child = nobody}).status(), Status::no_such, "fork of nobody");
    require_status(vm<SpaceFork>({.parent = assistant, .child = nobody}).status(), Status::not_permitted, "fork");
    const SpaceExec::Request execute{.process = assistant, .program = Name("assistant")};
    require_status(vm<SpaceExec>(execute).status(), Status::not_permitted, "exec");
    require_status(vm<SpaceDestroy>({.process = assistant}).status(), Status::not_permitted, "destroy");
    require_value(vm<SpaceStatistics>({.process = assistant})); // everybody may look
    require_status(vm<SpaceStatistics>({.process = nobody}).status(), Status::no_such, "statistics of nobody");
    require_status(vm<RegionNext>({.process = nobody, .from = {}}).status(), Status::no_such, "regions of nobody");
    require_status(vm<RegionNext>({.process = assistant, .from = user_layout::end}).status(), Status::no_entry,
                   "behind the last region");
}

// The assistant copies into or out of our memory, by way of the kernel.
UseGrant::Reply copy(Environment& environment, std::span<std::byte> memory, std::uint64_t bytes,
                     UseGrant::Direction direction) {
    const Endpoint assistant = require_value(environment.assistant.endpoint());
    const auto readable = require_value(environment.grants.readable(assistant, memory));
    const auto writable = require_value(environment.grants.writable(assistant, memory));
    return require_value(environment.assistant.call<UseGrant>(
        {.grantor = own_endpoint(),
         .grant = direction == UseGrant::Direction::from ? readable.id() : writable.id(),
         .offset = 0,
         .bytes = bytes,
         .direction = direction,
         .own = UseGrant::OwnMemory::good,
         .fill = 3}));
}

// As test44: a copy over memory of several kinds, of which nothing is there; one that begins just before an end.
void copies_over_regions(Environment& environment) {
    constexpr std::uint64_t piece = 2 * page_bytes;
    constexpr VirtualAddress start{0x21'0000'0000};
    const Mapping all({.address = start, .bytes = 4 * piece, .protection = read_write});
    require_equal(all.address().value, start.value, "where it should be");
    Map::Request middle = shared(2);
    middle.address = start + piece, middle.placement = MapPlacement::exactly;
    require_value(vm<Map>(middle));
    const auto written = copy(environment, all.memory().first(3 * piece), 3 * piece, UseGrant::Direction::to);
    require_status(written.status, Status::ok, "a copy into three regions");
    for (const std::byte each : all.memory().first(3 * piece)) require(each == std::byte{3}, "what was written");
    const auto over = all.memory().subspan(piece - 2, piece);
    require_status(copy(environment, over, piece, UseGrant::Direction::to).status, Status::ok, "two bytes before");
    const auto read = copy(environment, all.memory(), 4 * piece, UseGrant::Direction::from);
    require_status(read.status, Status::ok, "a copy out of them");
    require_equal(read.sum, 3 * 3 * piece, "the last region is zero");
}

// As the later test44: EFAULT, and everybody lives.
void copies_over_the_end(Environment& environment) {
    constexpr std::uint64_t most = UseGrant::buffer_bytes;
    const Mapping memory({.address = {}, .bytes = most, .protection = read_write});
    require_value(vm<Unmap>({.address = memory.address() + 2 * page_bytes, .bytes = most - 2 * page_bytes}));
    for (const auto direction : {UseGrant::Direction::to, UseGrant::Direction::from})
        require_status(copy(environment, memory.memory(), most, direction).status, Status::bad_address,
                       "a region that ends too early");
    const Protect::Request read_only{.address = memory.address(), .bytes = page_bytes, .protection = Protection::read};
    require_value(vm<Protect>(read_only));
    require_status(copy(environment, memory.memory(), page_bytes, UseGrant::Direction::to).status, Status::bad_address,
                   "read-only memory");
    require_status(copy(environment, memory.memory(), page_bytes, UseGrant::Direction::from).status, Status::ok,
                   "and out of it");
    require_value(environment.assistant.call<Echo>({{1, 2}})); // it lives
}

constexpr std::array tests{
    Test{"vm.hints", hints},
    Test{"vm.map_errors", map_errors},
    Test{"vm.shared_twice", shared_twice},
    Test{"vm.sharing_errors", sharing_errors},
    Test{"vm.spaces_of_others", spaces_of_others},
    Test{"vm.copies_over_regions", copies_over_regions},
    Test{"vm.copies_over_the_end", copies_over_the_end},
};

} // namespace

std::span<const Test> vm_call_tests() { return tests; }

} // namespace tessera::target
