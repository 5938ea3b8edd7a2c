// SPDX-License-Identifier: BSD-3-Clause
// What the kernel is told of a service.

#include "servers/configuration/privileges.h"
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/kernel_call_table.h"
#include "servers/configuration/kernel_call_names.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::configuration;

namespace {

std::optional<ServiceId> id_of(const Name& label) {
    if (label.view() == "ds") return ServiceId{3};
    if (label.view() == "netmgmt") return ServiceId{9};
    return std::nullopt;
}

} // namespace

TEST_CASE("privileges: labels become bits; VM and RS are always there; unknown labels are not") {
    ServiceConfiguration service;
    service.priority = 5;
    service.kernel_calls = basic_kernel_calls;
    service.may_call = {Name("ds"), Name("gone")};
    service.may_notify = {Name("netmgmt")};
    const Privileges privileges = privileges_of(service, ServiceId{4}, std::nullopt, id_of);
    CHECK(privileges.send_mask == (1u << 1 | 1u << 2 | 1u << 3 | 1u << 9));
    CHECK(privileges.kernel_call_mask == basic_kernel_calls);
    CHECK(privileges.service == ServiceId{4});
    CHECK(privileges.supervisor == service_ids::rs);
    CHECK(privileges.priority == 5);
    CHECK(privileges.interrupt_count == 0);
    CHECK(privileges.memory_range_count == 0);
}

TEST_CASE("privileges: \"users\" is bit 0") {
    ServiceConfiguration service;
    service.may_notify = {Name("users")};
    CHECK((privileges_of(service, ServiceId{4}, std::nullopt, id_of).send_mask & 1) == 1);
}

TEST_CASE("privileges: the device brings its registers, and its interrupt when the file says so") {
    ServiceConfiguration service;
    service.io_ports = {{.first = 0x60, .last = 0x64}};
    const Device device{
        .id = {0x8086, 0x100e}, .registers = {.base = {0xfeb0'0000}, .bytes = 0x2'0000}, .interrupt = {11}};

    Privileges privileges = privileges_of(service, ServiceId{4}, device, id_of);
    CHECK(privileges.io_range_count == 1);
    CHECK(privileges.io_ranges[0].last == 0x64);
    CHECK(privileges.interrupt_count == 0);
    REQUIRE(privileges.memory_range_count == 1);
    CHECK(privileges.memory_ranges[0].base.value == 0xfeb0'0000);

    service.interrupt_source = InterruptSource::device;
    privileges = privileges_of(service, ServiceId{4}, device, id_of);
    REQUIRE(privileges.interrupt_count == 1);
    CHECK(privileges.interrupts[0] == InterruptLine{11});
}

TEST_CASE("privileges: user processes have the poorest set") {
    const Privileges privileges = user_privileges(ServiceId{4});
    CHECK(privileges.send_mask == (1u << 1 | 1u << 2 | 1u << 4));
    CHECK(privileges.service == service_ids::user);
    CHECK(privileges.supervisor == ServiceId{4});
    CHECK((privileges.kernel_call_mask &
           kernel_call_bits<kernel_calls::ProcessKill, kernel_calls::PortWrite, kernel_calls::GrantTableSet>) == 0);
}
