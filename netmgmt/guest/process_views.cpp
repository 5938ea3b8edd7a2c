// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/kernel_calls.h"
#include "netmgmt/guest/errors.h"
#include "netmgmt/guest/kernel_views.h"
#include "netmgmt/guest/process_names.h"

namespace tessera::netmgmt::guest {

namespace {

bool has(const ProcessInformation& process, Blocker blocker) {
    return (process.blockers & static_cast<std::uint32_t>(blocker)) != 0;
}

ProcessState state_of(const ProcessInformation& process) {
    if (has(process, Blocker::dead)) return ProcessState::dead;
    if (has(process, Blocker::stopped) || has(process, Blocker::no_space)) return ProcessState::stopped;
    if (has(process, Blocker::page_fault)) return ProcessState::page_fault;
    if (has(process, Blocker::vm_request)) return ProcessState::waiting_for_vm;
    if (has(process, Blocker::sending)) return ProcessState::sending;
    if (has(process, Blocker::receiving) || has(process, Blocker::signal_wait)) return ProcessState::receiving;
    return process.running != 0 ? ProcessState::running : ProcessState::ready;
}

ProcessEntry entry_of(const ProcessInformation& process) {
    ProcessEntry entry;
    entry.endpoint = {process.endpoint.value()};
    entry.slot = process.endpoint.slot();
    entry.generation = process.endpoint.generation();
    entry.name = process.name.view();
    entry.state = state_of(process);
    if (process.waits_for != endpoints::none) entry.waits_for = process_name(process.waits_for);
    entry.priority = process.priority;
    entry.processor_time = {process.processor_time.value};
    entry.messages = {process.messages_sent};
    entry.faults = {process.faults};
    entry.service = process.service != service_ids::user;
    return entry;
}

std::vector<std::string> call_names(std::uint64_t mask) {
    std::vector<std::string> names;
    KernelCallTable::for_each([&]<class Call>() {
        if ((mask >> kernel_call_number<Call> & 1) != 0) names.emplace_back(Call::name);
    });
    return names;
}

// The services that run now and whose id is in the mask.
std::vector<std::string> service_names(std::uint64_t mask) {
    std::vector<std::string> names;
    if ((mask & 1) != 0) names.emplace_back("users");
    for (std::uint64_t slot = 0;; ++slot) {
        const Result<ProcessInformation> process = read_process(slot);
        if (!process.has_value()) return names;
        slot = process->endpoint.slot();
        const std::uint8_t id = process->service.value;
        if (id != 0 && !has(*process, Blocker::dead) && (mask >> id & 1) != 0) names.emplace_back(process->name.view());
    }
}

Privileges shown(const tessera::Privileges& raw) {
    Privileges privileges;
    privileges.kernel_calls = call_names(raw.kernel_call_mask);
    privileges.send_to = service_names(raw.send_mask);
    for (std::size_t i = 0; i < raw.interrupt_count; ++i) privileges.interrupts.push_back(raw.interrupts[i].value);
    for (std::size_t i = 0; i < raw.io_range_count; ++i)
        privileges.io_ports.push_back({raw.io_ranges[i].first, raw.io_ranges[i].last});
    for (std::size_t i = 0; i < raw.memory_range_count; ++i)
        privileges.memory.push_back({{raw.memory_ranges[i].base.value}, {raw.memory_ranges[i].bytes}});
    return privileges;
}

} // namespace

ListResult GuestProcesses::list(Range range, Visitor<ProcessEntry>& visitor) {
    for (std::uint64_t slot = range.from.value;; ++slot) {
        const Result<ProcessInformation> process = read_process(slot);
        if (process.status() == Status::no_entry) return {};
        if (!process.has_value()) return refusal(process.error(), "kernel");
        slot = process->endpoint.slot();
        if (visitor.visit({slot}, entry_of(*process)) == Visit::stop) return {};
    }
}

SystemResult<ProcessDetail> GuestProcesses::get(EndpointNumber endpoint) {
    const Endpoint wanted = Endpoint::from_value(endpoint.value);
    const Result<ProcessInformation> process = find_process(wanted);
    if (!process.has_value()) return refusal(process.error(), "kernel");
    ProcessDetail detail{entry_of(*process), {}, {process->instruction_pointer}, {process->kernel_calls}};
    tessera::Privileges raw;
    const auto read = kernel_call<kernel_calls::PrivilegeGet>(
        {.endpoint = wanted, .address = {reinterpret_cast<std::uint64_t>(&raw)}});
    if (read.has_value()) detail.privileges = shown(raw); // a dead process has none left
    return detail;
}

} // namespace tessera::netmgmt::guest
