// SPDX-License-Identifier: BSD-3-Clause
// Services from the boot archive.

#include "servers/rs/catalogue.h"
#include "tests/unit/boot/archive_bytes.h"
#include "tests/unit/rs/fake_machine.h"
#include <catch2/catch.hpp>
#include <format>

using namespace tessera;
using namespace tessera::rs;
using namespace tessera::tests;

namespace {

std::string file(std::string_view label, int priority, std::string_view more = "") {
    return std::format(R"({{"label": "{0}", "program": "{0}", "priority": {1}, "kernel_calls": ["basic"],
                            "memory_budget_kib": 1024{2}}})",
                       label, priority, more);
}

std::optional<PciDevice> no_device(const std::vector<configuration::PciId>&) { return std::nullopt; }

} // namespace

TEST_CASE("catalogue: services in the order of importance, programs are no files of it") {
    const auto bytes = ArchiveBytes()
                           .add("netmgmt.conf", file("netmgmt", 9))
                           .add("netmgmt", "program")
                           .add("ds.conf", file("ds", 3))
                           .finish();
    FakeMachine machine;
    ServiceTable services;
    add_services(*boot::Archive::open(bytes), no_device, machine, services);
    REQUIRE(services.at(1) != nullptr);
    CHECK(services.at(0)->label().view() == "ds");
    CHECK(services.at(0)->id == ServiceId{1});
    CHECK(services.at(1)->label().view() == "netmgmt");
    CHECK(services.at(2) == nullptr);
    CHECK(machine.lines.empty());
}

TEST_CASE("catalogue: a broken file fails its own service only, and says what is wrong") {
    const auto bytes = ArchiveBytes()
                           .add("ds.conf", file("ds", 3))
                           .add("pm.conf", file("pm", 77))
                           .add("console.conf", "{ not json")
                           .finish();
    FakeMachine machine;
    ServiceTable services;
    add_services(*boot::Archive::open(bytes), no_device, machine, services);
    CHECK(services.find(Name("ds"))->state == ServiceState::stopped);
    CHECK(services.find(Name("pm"))->state == ServiceState::failed);
    CHECK(services.find(Name("console"))->state == ServiceState::failed);
    CHECK(machine.logged("pm.conf: priority: 77 is out of range; allowed: 1..15"));
    CHECK(machine.logged("console.conf: "));
}

TEST_CASE("catalogue: a file with a wrong checksum is not read") {
    const auto bytes = ArchiveBytes().add("ds.conf", file("ds", 3), {.checksum = 1}).finish();
    FakeMachine machine;
    ServiceTable services;
    add_services(*boot::Archive::open(bytes), no_device, machine, services);
    CHECK(services.find(Name("ds"))->state == ServiceState::failed);
    CHECK(machine.logged("ds.conf: its checksum is wrong"));
}

TEST_CASE("catalogue: the device of a service is found, or the service has failed") {
    const auto bytes =
        ArchiveBytes().add("e1000.conf", file("e1000", 5, R"(, "device": {"pci": "8086:100e"})")).finish();
    FakeMachine machine;
    ServiceTable absent;
    add_services(*boot::Archive::open(bytes), no_device, machine, absent);
    CHECK(absent.find(Name("e1000"))->state == ServiceState::failed);
    CHECK(machine.logged("e1000: the machine has none of its devices"));

    ServiceTable present;
    const auto found = [](const std::vector<configuration::PciId>& identities) {
        return std::optional(PciDevice{.location = {}, .resources = {.id = identities.front()}});
    };
    add_services(*boot::Archive::open(bytes), found, machine, present);
    CHECK(present.find(Name("e1000"))->state == ServiceState::stopped);
    CHECK(present.find(Name("e1000"))->device->resources.id.device == 0x100e);
}

TEST_CASE("catalogue: more services than there are ids") {
    ArchiveBytes archive;
    for (int i = 0; i < 70; ++i) archive.add(std::format("s{}.conf", i), file(std::format("s{}", i), 5));
    const auto bytes = archive.finish();
    FakeMachine machine;
    ServiceTable services;
    add_services(*boot::Archive::open(bytes), no_device, machine, services);
    CHECK(services.at(62) != nullptr);
    CHECK(services.at(63) == nullptr);
    CHECK(machine.logged("left out: more than 64 services"));
}

TEST_CASE("command line: start=") {
    CHECK(requested_services("").empty());
    CHECK(requested_services("mode=open start=bench,target_tests x").size() == 2);
    CHECK(requested_services("mode=open start=bench,target_tests x")[1] == "target_tests");
    CHECK(requested_services("start=a start=b") == std::vector<std::string_view>{"a", "b"});
    CHECK(requested_services("start= start=,, restart=x").empty());
}
