// SPDX-License-Identifier: BSD-3-Clause
// Configuration files, good and bad: a bad one is refused with the file, the key and what is allowed.

#include "servers/configuration/parser.h"
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/kernel_call_table.h"
#include "servers/configuration/kernel_call_names.h"
#include <catch2/catch.hpp>
#include <format>

using namespace tessera;
using namespace tessera::configuration;

namespace {

constexpr std::string_view smallest =
    R"({"label": "ds", "program": "ds", "priority": 3, "kernel_calls": ["basic"], "memory_budget_kib": 1024})";

// The smallest file with one more member.
std::string with(std::string_view member) {
    return std::format("{}, {}}}", smallest.substr(0, smallest.size() - 1), member);
}

std::string problem_of(std::string_view text) {
    const auto result = parse("ds.conf", text);
    return result.has_value() ? "" : result.error().message;
}

} // namespace

TEST_CASE("configuration: the smallest file, and the defaults") {
    const auto service = parse("ds.conf", smallest);
    REQUIRE(service.has_value());
    CHECK(service->label.view() == "ds");
    CHECK(service->program == "ds");
    CHECK(service->priority == 3);
    CHECK(service->kernel_calls == basic_kernel_calls);
    CHECK(service->budget_pages == 256);
    CHECK(service->restart.policy == protocol::rs::RestartPolicy::always);
    CHECK_FALSE(service->restart.give_up.has_value());
    CHECK(service->heartbeat.value == 0);
    CHECK(service->start == StartMode::boot);
    CHECK(service->may_call.empty());
}

TEST_CASE("configuration: every key") {
    const auto service = parse("e1000.conf", R"({
        // The network card.
        "label": "e1000", "program": "e1000", "priority": 5, "quantum_ms": 7,
        "may_call": ["ds"], "may_notify": ["netmgmt", "users"],
        "kernel_calls": ["basic", "interrupt_enable"], "control": ["faults", "machine"],
        "interrupts": "from device", "io_ports": ["0x3f8-0x3ff", "0x64"], "device_memory": ["0xb8000-0xbffff"],
        "device": {"pci": ["8086:100e", "8086:100f"]},
        "memory_budget_kib": 4096, "preserved_kib": 8, "contiguous_kib": 257,
        "restart": {"policy": "never", "backoff_ms": 20, "give_up_after": {"deaths": 5, "seconds": 10}},
        "heartbeat_ms": 500, /* and */ "start": "on_request", "arguments": ["-v", "two words"]})");
    REQUIRE(service.has_value());
    CHECK(service->quantum_milliseconds == 7);
    CHECK(service->may_call == std::vector<Name>{Name("ds")});
    CHECK(service->may_notify == std::vector<Name>{Name("netmgmt"), Name("users")});
    CHECK(service->kernel_calls == (basic_kernel_calls | kernel_call_bits<kernel_calls::InterruptEnable>));
    CHECK_FALSE(service->may_control(Control::services));
    CHECK(service->may_control(Control::faults));
    CHECK(service->may_control(Control::machine));
    CHECK(service->interrupt_source == InterruptSource::device);
    REQUIRE(service->io_ports.size() == 2);
    CHECK(service->io_ports[0].last == 0x3ff);
    CHECK(service->io_ports[1].first == 0x64);
    CHECK(service->io_ports[1].last == 0x64);
    REQUIRE(service->device_memory.size() == 1);
    CHECK(service->device_memory[0].base.value == 0xb8000);
    CHECK(service->device_memory[0].bytes == 0x8000);
    CHECK(service->pci_devices == std::vector<PciId>{{0x8086, 0x100e}, {0x8086, 0x100f}});
    CHECK(service->preserved_pages == 2);
    CHECK(service->contiguous_pages == 65);
    CHECK(service->restart.policy == protocol::rs::RestartPolicy::never);
    CHECK(service->restart.backoff.value == 20'000'000);
    CHECK(service->restart.give_up->deaths == 5);
    CHECK(service->restart.give_up->within.value == 10'000'000'000);
    CHECK(service->heartbeat.value == 500'000'000);
    CHECK(service->start == StartMode::on_request);
    CHECK(service->arguments == std::vector<std::string>{"-v", "two words"});
}

TEST_CASE("configuration: problems name file, key and what is allowed") {
    CHECK(problem_of(with(R"("colour": "red")")).starts_with("ds.conf: colour: is not a known key; allowed: label,"));
    CHECK(problem_of(with(R"("heartbeat_ms": 70000)")) ==
          "ds.conf: heartbeat_ms: 70000 is out of range; allowed: 0..60000");
    CHECK(problem_of(with(R"("heartbeat_ms": -1)")) == "ds.conf: heartbeat_ms: -1 is out of range; allowed: 0..60000");
    CHECK(problem_of(with(R"("heartbeat_ms": "soon")")) ==
          "ds.conf: heartbeat_ms: is not a whole number; allowed: 0..60000");
    CHECK(problem_of(with(R"("heartbeat_ms": 1.5)")) ==
          "ds.conf: heartbeat_ms: is not a whole number; allowed: 0..60000");
    CHECK(problem_of(with(R"("start": "later")")) ==
          "ds.conf: start: \"later\" is not known; allowed: \"boot\", \"on_request\"");
    CHECK(problem_of(with(R"("restart": {"policy": "often"})")) ==
          "ds.conf: restart.policy: \"often\" is not known; allowed: \"always\", \"never\", \"shutdown\"");
    CHECK(problem_of(with(R"("restart": {})")) == "ds.conf: restart.policy: is required and missing; allowed: a value");
    CHECK(problem_of(with(R"("restart": "always")")).starts_with("ds.conf: restart: is not an object;"));
    CHECK(problem_of(with(R"("may_call": ["vm", 7])")).starts_with("ds.conf: may_call[1]: is not a string;"));
    CHECK(problem_of(with(R"("may_call": ["users"])")).starts_with("ds.conf: may_call: \"users\""));
    CHECK(problem_of(with(R"("may_call": ["A"])")).starts_with("ds.conf: may_call[0]: \"A\" is not a label;"));
    CHECK(problem_of(with(R"("io_ports": ["0x3ff-0x3f8"])")).starts_with("ds.conf: io_ports[0]: is not a range"));
    CHECK(problem_of(with(R"("io_ports": ["0x10000"])")).starts_with("ds.conf: io_ports[0]: is not a range"));
    CHECK(problem_of(with(R"("device_memory": ["0xb8001-0xbffff"])"))
              .starts_with("ds.conf: device_memory[0]: is not a range of whole pages"));
    CHECK(problem_of(with(R"("device": {"pci": "8086-100e"})")).starts_with("ds.conf: device.pci: is no PCI identity"));
    CHECK(problem_of(with(R"("interrupts": "from device")")).starts_with("ds.conf: interrupts: there is no device"));
    CHECK(problem_of(with(R"("interrupts": [1, 2, 3, 4, 5])"))
              .starts_with("ds.conf: interrupts: has more than 4 elements"));
    CHECK(problem_of(with(R"("preserved_kib": 1024)")).starts_with("ds.conf: memory_budget_kib: leaves nothing"));
    CHECK(problem_of(with(R"("arguments": ["a\u0000b"])")).starts_with("ds.conf: arguments[0]: contains a NUL"));
    CHECK(parse("dss.conf", smallest).error().message.starts_with("dss.conf: label: \"ds\" is not the file's name"));
}

TEST_CASE("configuration: a kernel call that is not in the table") {
    CHECK(problem_of(R"({"label": "ds", "program": "ds", "priority": 3, "kernel_calls": ["reboot"],
                         "memory_budget_kib": 1024})")
              .starts_with("ds.conf: kernel_calls[0]: \"reboot\" is no kernel call; allowed:"));
}

TEST_CASE("configuration: required keys") {
    CHECK(problem_of("{}").starts_with("ds.conf: label: is required and missing"));
    CHECK(problem_of(R"({"label": "ds", "program": "ds", "priority": 3, "memory_budget_kib": 1024})")
              .starts_with("ds.conf: kernel_calls: is required and missing"));
}

TEST_CASE("configuration: text that is not JSON, or more than JSON") {
    CHECK_FALSE(problem_of("").empty());
    CHECK_FALSE(problem_of("{").empty());
    CHECK_FALSE(problem_of("[]").empty());
    CHECK_FALSE(problem_of("null").empty());
    CHECK_FALSE(problem_of(std::string(smallest) + " x").empty());
    CHECK_FALSE(problem_of("\xff\xfe{}").empty());
    CHECK(problem_of(with(R"("label": "ds")")).starts_with("ds.conf: label: occurs twice"));
    CHECK(problem_of(with(R"("restart": {"policy": "never", "policy": "always"})"))
              .starts_with("ds.conf: policy: occurs twice"));
    CHECK(problem_of(std::string(200, '[')).find("nested deeper") != std::string::npos);
    CHECK(problem_of(std::string(file_bytes_limit + 1, ' ')).find("is longer than 16384 bytes") != std::string::npos);
}
