// SPDX-License-Identifier: BSD-3-Clause
// Seeds one bug in VM: `start=vm_bug vm_bug=NAME` on the boot command line, with a level of `vm_sanity`. VM is expected
// to name the bug and to stop; what comes after the request tells that it did not.

#include "kernel/abi/calls/information.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"
#include <algorithm>
#include <array>
#include <optional>
#include <string>

using namespace tessera;
using namespace tessera::protocol::vm;

namespace {

constexpr std::array<std::string_view, 8> bug_names{"stray_write",     "double_free",        "use_after_free",
                                                    "page_used_twice", "page_used_and_free", "wrong_references",
                                                    "leaked_page",     "leaked_object"};

template <class Operation> Result<typename Operation::Reply> vm(const typename Operation::Request& request) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

std::optional<Bug> wanted_bug() {
    kernel_calls::MachineInformation machine;
    const VirtualAddress address{reinterpret_cast<std::uint64_t>(&machine)};
    if (!kernel_call<kernel_calls::MachineRead>({.address = address}).has_value()) return std::nullopt;
    const std::string line = std::string(machine.command_line.data()) + ' ';
    constexpr std::string_view option = "vm_bug=";
    const std::size_t at = line.find(option);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t start = at + option.size();
    const auto found =
        std::ranges::find(bug_names, std::string_view(line).substr(start, line.find(' ', start) - start));
    if (found == bug_names.end()) return std::nullopt;
    return static_cast<Bug>(found - bug_names.begin());
}

// The page that the bug needs: resident, or not yet.
Result<VirtualAddress> page_for(Bug bug) {
    const Map::Reply mapped = TESSERA_TRY(vm<Map>({.address = {},
                                                   .bytes = page_bytes,
                                                   .protection = Protection::read | Protection::write,
                                                   .placement = MapPlacement::anywhere}));
    if (bug != Bug::page_used_twice) *reinterpret_cast<volatile char*>(mapped.address.value) = 1;
    return mapped.address;
}

Status seed() {
    const auto bug = wanted_bug();
    if (!bug) return Status::no_entry;
    const auto page = page_for(*bug);
    if (!page.has_value()) return page.error();
    log_info("BUG {}: VM is asked for it", bug_names[static_cast<std::size_t>(*bug)]);
    return vm<SeedBug>({.page = *page, .bug = *bug}).status();
}

} // namespace

int main() {
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    log_info("BUG seeded: {}", status_name(seed()));
    // What VM found of its own accord it has told by now, and stopped.
    const auto check = vm<Check>({});
    log_info("BUG survived: {} problems", check.has_value() ? check->problems : 0);
    return 0;
}
