// SPDX-License-Identifier: BSD-3-Clause
// Masks, privileges and I/O ports: who may do what.

#include "kernel/abi/kernel_calls.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;
using host::PortWasRead;
using host::PortWasWritten;

namespace {

Privileges good_privileges() {
    Privileges privileges;
    privileges.service = {9};
    privileges.priority = 7;
    privileges.send_mask = 0x5;
    privileges.interrupt_count = privilege_interrupt_limit;
    privileges.io_range_count = 2;
    privileges.io_ranges[0] = {0, 0xffff};
    privileges.io_ranges[1] = {0x3f8, 0x3f8};
    privileges.memory_range_count = 1;
    privileges.memory_ranges[0] = {{0xfebc'0000}, 0x2'0000};
    return privileges;
}

Status set_privileges(System& system, Endpoint endpoint, const Privileges& privileges) {
    system.memory(system.rs()).put(data, privileges);
    return system.call<PrivilegeSet>(system.rs(), {endpoint, data}).status();
}

} // namespace

TEST_CASE("a kernel call needs its bit in the mask") {
    System system;
    Process& process = system.start("p", {.kernel_call_mask = ~kernel_call_bits<ClockRead>});
    CHECK(system.call<ClockRead>(process).status() == Status::call_denied);
    CHECK(system.call<Null>(process).status() == Status::ok);
    process.set_privileges({.kernel_call_mask = kernel_call_bits<ClockRead>, .primitive_mask = all_primitives});
    CHECK(system.call<ClockRead>(process).status() == Status::ok);
    KernelCallTable::for_each([&]<class Call>() {
        if constexpr (!std::is_same_v<Call, ClockRead>) {
            INFO(Call::name);
            CHECK(system.call<Call>(process).status() == Status::call_denied);
        }
    });
    CHECK(system.kernel->counters.refused_calls == KernelCallTable::size);
    CHECK(process.runnable());
}

TEST_CASE("a number that no kernel call has is refused") {
    const std::uint64_t number =
        GENERATE(as<std::uint64_t>{}, KernelCallTable::size, 63, 64, 255, 0xffff, 1ull << 32, (1ull << 56) - 1);
    System system;
    Process& process = system.start("p");
    system.enter_kernel_call(process, number, {});
    CHECK(System::status_of(process) == Status::bad_call);
    CHECK(system.kernel->counters.refused_calls == 1);
}

TEST_CASE("kernel calls are counted, by number and by process") {
    System system;
    Process& process = system.start("p");
    for (int i = 0; i < 3; ++i) (void)system.call<ClockRead>(process);
    CHECK(system.kernel->counters.kernel_calls() == 3);
    CHECK(system.kernel->counters.calls[kernel_call_number<ClockRead>] == 3);
    CHECK(process.kernel_calls == 3);
}

TEST_CASE("without the primitive, no kernel call and no message") {
    const auto primitive =
        GENERATE(Primitive::kernel_call, Primitive::send, Primitive::receive, Primitive::send_receive,
                 Primitive::notify, Primitive::send_nonblocking, Primitive::reply_receive);
    System system;
    const std::uint32_t bit = 1u << static_cast<std::uint32_t>(primitive);
    Process& process = system.start("p", {.primitive_mask = all_primitives & ~bit});
    system.enter(process, primitive, system.rs().endpoint);
    CHECK(System::status_of(process) == Status::primitive_denied);
    CHECK(process.runnable());
    CHECK(system.rs().notifiers.none());
    CHECK(system.rs().first_sender == nullptr);
    CHECK(system.kernel->counters.refused_calls == 1);
}

TEST_CASE("privileges are set, read back and take effect at once") {
    System system;
    Process& process = system.start("p");
    CHECK(set_privileges(system, process.endpoint, good_privileges()) == Status::ok);
    CHECK(system.call<PrivilegeGet>(system.rs(), {process.endpoint, data + 1024}).status() == Status::ok);
    const auto got = system.memory(system.rs()).get<Privileges>(data + 1024);
    CHECK(got.service == ServiceId{9});
    CHECK(got.priority == 7);
    CHECK(got.io_ranges[1].first == 0x3f8);
    CHECK(got.memory_ranges[0].bytes == 0x2'0000);
    CHECK(process.queued);
    for (Process* core : {&system.vm(), &system.rs()}) system.receive(*core);
    CHECK(system.kernel->scheduler.choose() == &process);
}

TEST_CASE("privileges that make no sense are refused as a whole") {
    Privileges privileges = good_privileges();
    Status expected = Status::invalid;
    SECTION("interrupts") { privileges.interrupt_count = privilege_interrupt_limit + 1; }
    SECTION("I/O ranges") { privileges.io_range_count = privilege_io_range_limit + 1; }
    SECTION("memory ranges") { privileges.memory_range_count = privilege_memory_range_limit + 1; }
    SECTION("all counts") {
        privileges.interrupt_count = privileges.io_range_count = privileges.memory_range_count = 255;
    }
    SECTION("priority") { privileges.priority = priority_count; }
    SECTION("service id beyond the masks") { privileges.service = {service_limit}; }
    SECTION("service id of VM") { privileges.service = service_ids::vm; }
    SECTION("service id of RS") { privileges.service = service_ids::rs; }
    SECTION("an I/O range upside down") { privileges.io_ranges[1] = {5, 4}; }
    SECTION("an empty memory range") { privileges.memory_ranges[0].bytes = 0; }
    SECTION("a memory range that wraps around") { privileges.memory_ranges[0] = {{~0ull - 4095}, 8192}; }
    SECTION("ranges that do not count may be anything") {
        privileges.io_ranges[2] = {5, 4};
        privileges.memory_ranges[1] = {{~0ull}, ~0ull};
        expected = Status::ok;
    }
    System system;
    Process& process = system.start("p");
    CHECK(set_privileges(system, process.endpoint, privileges) == expected);
    if (expected != Status::ok) CHECK(process.privileges.priority == 4);
}

TEST_CASE("the privileges of VM and RS stay, those of the dead are gone") {
    System system;
    CHECK(set_privileges(system, endpoints::vm, good_privileges()) == Status::not_permitted);
    CHECK(set_privileges(system, endpoints::rs, good_privileges()) == Status::not_permitted);
    CHECK(set_privileges(system, Endpoint{200, 1}, good_privileges()) == Status::dead_endpoint);
    CHECK(system.call<PrivilegeGet>(system.rs(), {Endpoint{200, 1}, data}).status() == Status::dead_endpoint);
    Process& process = system.start("p");
    system.die(process);
    CHECK(set_privileges(system, process.endpoint, good_privileges()) == Status::dead_endpoint);
}

TEST_CASE("ports are read and written where the privileges have the whole access") {
    struct Access {
        std::uint16_t port;
        IoWidth width;
        Status status;
    };
    const Access access = GENERATE(values<Access>({
        {0x3f8, IoWidth::byte, Status::ok},
        {0x3ff, IoWidth::byte, Status::ok},
        {0x3fe, IoWidth::word, Status::ok},
        {0x3fc, IoWidth::double_word, Status::ok},
        {0xffff, IoWidth::byte, Status::ok},
        {0x3ff, IoWidth::word, Status::not_permitted},
        {0x3fd, IoWidth::double_word, Status::not_permitted},
        {0x3f7, IoWidth::word, Status::not_permitted},
        {0x3f7, IoWidth::byte, Status::not_permitted},
        {0x400, IoWidth::byte, Status::not_permitted},
        {0xffff, IoWidth::word, Status::not_permitted},
        {0, IoWidth::byte, Status::not_permitted},
        {0x3f8, static_cast<IoWidth>(0), Status::invalid},
        {0x3f8, static_cast<IoWidth>(3), Status::invalid},
        {0x3f8, static_cast<IoWidth>(8), Status::invalid},
        {0x3f8, static_cast<IoWidth>(~0ull), Status::invalid},
    }));
    System system;
    Process& driver = system.start("driver");
    driver.privileges.io_range_count = 2;
    driver.privileges.io_ranges[0] = {0x3f8, 0x3ff};
    driver.privileges.io_ranges[1] = {0xffff, 0xffff};
    driver.privileges.io_ranges[2] = {0, 0x10}; // does not count
    system.machine.port_values[access.port] = 0x1234;

    const IoPort port{access.port};
    const auto read = system.call<PortRead>(driver, {port, access.width});
    CHECK(read.status() == access.status);
    CHECK(system.call<PortWrite>(driver, {port, access.width, 0x55}).status() == access.status);
    if (access.status == Status::ok) {
        CHECK(read->value == 0x1234);
        CHECK(system.machine.history ==
              std::vector<host::Event>{PortWasRead{port, access.width}, PortWasWritten{port, access.width, 0x55}});
    } else
        CHECK(system.machine.history.empty());
}

TEST_CASE("a process without privileges reaches no port and no call") {
    System system;
    Process& process = system.start("p");
    process.set_privileges({});
    CHECK(system.call<PortRead>(process, {{0x80}, IoWidth::byte}).status() == Status::primitive_denied);
    process.set_privileges({.primitive_mask = all_primitives});
    CHECK(system.call<PortRead>(process, {{0x80}, IoWidth::byte}).status() == Status::call_denied);
    process.set_privileges({.kernel_call_mask = ~0ull, .primitive_mask = all_primitives});
    CHECK(system.call<PortRead>(process, {{0x80}, IoWidth::byte}).status() == Status::not_permitted);
}
