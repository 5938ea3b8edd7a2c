// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/settings.h"
#include "kernel/abi/calls/information.h"
#include "servers/runtime/kernel.h"
#include "tests/target/check.h"
#include <charconv>
#include <string_view>

namespace tessera::target {

namespace {

// What follows `key`, to the next blank; empty when the line does not have it.
std::string_view value_of(std::string_view line, std::string_view key) {
    const auto found = line.find(key);
    if (found == line.npos) return {};
    const std::string_view value = line.substr(found + key.size());
    return value.substr(0, value.find(' '));
}

void read_number(std::string_view line, std::string_view key, std::uint64_t& number) {
    const std::string_view digits = value_of(line, key);
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
}

} // namespace

Settings read_settings() {
    kernel_calls::MachineInformation machine;
    require_value(kernel_call<kernel_calls::MachineRead>({.address = {reinterpret_cast<std::uint64_t>(&machine)}}));
    const std::string_view line = machine.command_line.data();
    Settings settings;
    settings.only = value_of(line, "target_only=");
    read_number(line, "safeperf_rounds=", settings.safeperf_rounds);
    read_number(line, "random_grants_steps=", settings.random_grants_steps);
    read_number(line, "random_grants_seed=", settings.random_grants_seed);
    return settings;
}

} // namespace tessera::target
