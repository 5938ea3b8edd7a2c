// SPDX-License-Identifier: BSD-3-Clause
// Kernel calls with arguments that are wrong in every way: each answers a declared error, and the caller lives on.

#include "kernel/abi/kernel_calls.h"
#include "kernel/abi/user_layout.h"
#include "servers/runtime/kernel.h"
#include "tests/target/misbehaviour.h"
#include "tests/target/test.h"
#include <array>
#include <sys/mman.h>

namespace tessera::target {

namespace {

using namespace kernel_calls;

constexpr std::array<std::uint64_t, kernel_call_limit> read_only_page{1};

template <class Object> VirtualAddress address_of(const Object& object) {
    return {reinterpret_cast<std::uint64_t>(&object)};
}

// Addresses at which no process can have memory, or this one has none.
constexpr std::array<VirtualAddress, 9> bad_addresses{
    VirtualAddress{0},
    VirtualAddress{8},
    VirtualAddress{unmapped_address},
    VirtualAddress{user_layout::end.value - 1}, // the first byte is user space
    user_layout::end,
    VirtualAddress{non_canonical_address},
    VirtualAddress{0x8000'0000'0000'0000},
    VirtualAddress{kernel_address},
    VirtualAddress{~0ull},
};

constexpr std::array<Endpoint, 8> bad_endpoints{
    endpoints::none,  endpoints::any,      endpoints::self, endpoints::kernel,
    endpoints::clock, endpoints::hardware, Endpoint{0, 77}, Endpoint{process_limit, 1},
};

// A raw call with any number and zero words.
Status call_number(std::uint64_t number) {
    Message message;
    std::uint64_t peer = endpoints::kernel.value();
    return static_cast<Status>(-detail::trap(number << 8, peer, message));
}

// RS tells who we are.
Privileges own_privileges() {
    for (std::uint64_t index = 0;; ++index) {
        const auto service = require_value(
            runtime::call<protocol::rs::RsProtocol, protocol::rs::ServiceNext>(endpoints::rs, {.index = index}));
        if (service.label != Name("target_tests")) continue;
        Privileges privileges;
        require_value(kernel_call<PrivilegeGet>({.endpoint = service.endpoint, .address = address_of(privileges)}));
        return privileges;
    }
}

template <class Ask> void refuse_bad_addresses(std::string_view what, Ask&& ask) {
    for (const VirtualAddress address : bad_addresses)
        require_status(ask(address), Status::bad_address, std::format("{} at {:#x}", what, address.value));
}

void unknown_numbers(Environment&) {
    for (const std::uint64_t number : {std::uint64_t{KernelCallTable::size}, std::uint64_t{63}, std::uint64_t{64},
                                       std::uint64_t{255}, std::uint64_t{0xffff}, std::uint64_t{0xff'ffff'ffff}})
        require_status(call_number(number), Status::bad_call, std::format("call {}", number));
}

void unknown_primitives(Environment&) {
    for (std::uint64_t primitive = primitive_count; primitive < 256; ++primitive) {
        Message message;
        std::uint64_t peer = endpoints::rs.value();
        const auto status = static_cast<Status>(-detail::trap(primitive, peer, message));
        require_status(status, Status::bad_call, std::format("primitive {}", primitive));
    }
}

void denied_calls(Environment&) {
    const Privileges privileges = own_privileges();
    std::uint64_t number = 0;
    KernelCallTable::for_each([&]<class Call>() {
        if ((privileges.kernel_call_mask >> number & 1) == 0)
            require_status(call_number(number), Status::call_denied, Call::name);
        ++number;
    });
    require((privileges.kernel_call_mask & kernel_call_bits<ProcessKill, PortWrite, MachineControl>) == 0,
            "the tests have few privileges");
}

// The assistant may copy, but not read the log or ports.
void others_have_other_calls(Environment& environment) {
    for (const std::uint64_t number : {kernel_call_number<LogRead>, kernel_call_number<PortRead>,
                                       kernel_call_number<ProcessKill>, kernel_call_number<RootEntriesSet>})
        require_status(require_value(environment.assistant.call<TryKernelCall>({.number = number})).status,
                       Status::call_denied, std::format("call {}", number));
}

void bad_pointers_out(Environment&) {
    const Endpoint someone = endpoints::rs;
    refuse_bad_addresses("log_read", [](VirtualAddress address) {
        return kernel_call<LogRead>({.sequence = 0, .address = address}).status();
    });
    refuse_bad_addresses("process_read", [](VirtualAddress address) {
        return kernel_call<ProcessRead>({.slot = 0, .address = address}).status();
    });
    refuse_bad_addresses("privilege_get", [&](VirtualAddress address) {
        return kernel_call<PrivilegeGet>({.endpoint = someone, .address = address}).status();
    });
    refuse_bad_addresses("counters_read", [](VirtualAddress address) {
        return kernel_call<CountersRead>({.address = address}).status();
    });
    refuse_bad_addresses(
        "machine_read", [](VirtualAddress address) { return kernel_call<MachineRead>({.address = address}).status(); });
}

void bad_pointers_in(Environment&) {
    refuse_bad_addresses("log_write", [](VirtualAddress address) {
        return kernel_call<LogWrite>({.address = address, .bytes = 16, .level = LogLevel::debug}).status();
    });
}

void read_only_memory_is_not_written(Environment&) {
    const VirtualAddress code{reinterpret_cast<std::uint64_t>(&call_number)};
    for (const VirtualAddress address : {address_of(read_only_page), code.page()})
        require_status(kernel_call<CountersRead>({.address = address}).status(), Status::bad_address);
    require_equal(read_only_page[0], 1, "the constant");
}

// The first part of what is copied would fit.
void memory_that_ends_within(Environment&) {
    auto* const pages = static_cast<std::byte*>(
        mmap(nullptr, 2 * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    require(pages != MAP_FAILED, "two pages");
    require(munmap(pages + page_bytes, page_bytes) == 0, "the second is gone");
    const VirtualAddress near_end{reinterpret_cast<std::uint64_t>(pages) + page_bytes - 16};
    require_status(kernel_call<CountersRead>({.address = near_end}).status(), Status::bad_address);
    require_status(kernel_call<LogWrite>({.address = near_end, .bytes = 32, .level = LogLevel::debug}).status(),
                   Status::bad_address);
    require(munmap(pages, page_bytes) == 0, "the first too");
}

void memory_not_touched_yet(Environment&) {
    auto* const page = static_cast<std::byte*>(
        mmap(nullptr, 2 * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    require(page != MAP_FAILED, "two pages");
    // Over the border of both: the kernel has VM bring them, and the call goes on.
    const VirtualAddress address{reinterpret_cast<std::uint64_t>(page) + page_bytes - 64};
    require_value(kernel_call<CountersRead>({.address = address}));
    const auto* const counters = reinterpret_cast<const KernelCounters*>(address.value);
    require(counters->kernel_calls() != 0, "counters arrived");
    require(munmap(page, 2 * page_bytes) == 0, "unmapped");
}

void bad_endpoints_are_dead(Environment&) {
    Privileges privileges;
    GrantEntry entry;
    std::byte byte{};
    for (const Endpoint endpoint : bad_endpoints) {
        const std::string name = std::format("endpoint {:#x}", endpoint.value());
        require_status(kernel_call<PrivilegeGet>({.endpoint = endpoint, .address = address_of(privileges)}).status(),
                       Status::dead_endpoint, name);
        require_status(
            kernel_call<GrantRead>({.endpoint = endpoint, .index = 0, .address = address_of(entry)}).status(),
            Status::dead_endpoint, name);
        const SafecopyFrom::Request copy{
            .grantor = endpoint, .grant = GrantId(0, 1), .offset = 0, .address = address_of(byte), .bytes = 1};
        require_status(kernel_call<SafecopyFrom>(copy).status(), Status::dead_endpoint, name);
        require_status(kernel_call<SafecopyTo>(copy).status(), Status::dead_endpoint, name);
    }
}

void bad_numbers(Environment&) {
    ProcessInformation information;
    LogRecord record;
    const std::array<char, log_text_limit + 1> text{};
    require_status(kernel_call<ProcessRead>({.slot = process_limit, .address = address_of(information)}).status(),
                   Status::no_entry);
    require_status(kernel_call<ProcessRead>({.slot = ~0ull, .address = address_of(information)}).status(),
                   Status::no_entry);
    require_status(kernel_call<LogRead>({.sequence = ~0ull, .address = address_of(record)}).status(), Status::no_entry);
    require_status(
        kernel_call<LogWrite>({.address = address_of(text), .bytes = text.size(), .level = LogLevel::debug}).status(),
        Status::too_big);
    require_status(
        kernel_call<LogWrite>({.address = address_of(text), .bytes = ~0ull, .level = LogLevel::debug}).status(),
        Status::too_big);
    require_status(
        kernel_call<LogWrite>({.address = address_of(text), .bytes = 1, .level = static_cast<LogLevel>(200)}).status(),
        Status::invalid);
}

void bad_thread_pointer(Environment&) {
    for (const std::uint64_t address : {non_canonical_address, kernel_address, ~std::uint64_t{0}})
        require_status(kernel_call<SetThreadPointer>({.address = {address}}).status(), Status::invalid);
    // It is what it was: thread-local memory works.
    thread_local volatile int value = 5;
    require_equal(int{value}, 5, "a thread-local");
}

void process_table_is_readable(Environment&) {
    unsigned seen = 0;
    for (std::uint64_t slot = 0;; ++slot) {
        ProcessInformation information;
        const auto read = kernel_call<ProcessRead>({.slot = slot, .address = address_of(information)});
        if (read.status() == Status::no_entry) break;
        slot = require_value(read).slot;
        require_equal(std::uint64_t{information.endpoint.slot()}, slot, "the slot in the endpoint");
        if (information.name == Name("target_tests")) require(information.running == 1, "this process runs");
        ++seen;
    }
    require(seen >= 4, "vm, rs, the assistant and this process at least");
}

constexpr std::array tests{
    Test{"kernel_call.unknown_numbers", unknown_numbers},
    Test{"kernel_call.unknown_primitives", unknown_primitives},
    Test{"kernel_call.denied", denied_calls},
    Test{"kernel_call.denied_to_others", others_have_other_calls},
    Test{"kernel_call.bad_pointers_out", bad_pointers_out},
    Test{"kernel_call.bad_pointers_in", bad_pointers_in},
    Test{"kernel_call.read_only_memory", read_only_memory_is_not_written},
    Test{"kernel_call.memory_ends_within", memory_that_ends_within},
    Test{"kernel_call.memory_not_touched_yet", memory_not_touched_yet},
    Test{"kernel_call.bad_endpoints", bad_endpoints_are_dead},
    Test{"kernel_call.bad_numbers", bad_numbers},
    Test{"kernel_call.bad_thread_pointer", bad_thread_pointer},
    Test{"kernel_call.process_table", process_table_is_readable},
};

} // namespace

std::span<const Test> kernel_call_tests() { return tests; }

} // namespace tessera::target
