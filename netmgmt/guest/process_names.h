// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Processes by kernel call, and the names behind endpoints.

#include "kernel/abi/calls/processes.h"
#include "kernel/abi/process.h"
#include "servers/runtime/kernel.h"
#include <map>
#include <string>

namespace tessera::netmgmt::guest {

/// The first process at or after a slot. no_entry behind the last one.
inline Result<ProcessInformation> read_process(std::uint64_t slot) {
    ProcessInformation information;
    TESSERA_TRY(kernel_call<kernel_calls::ProcessRead>(
        {.slot = slot, .address = {reinterpret_cast<std::uint64_t>(&information)}}));
    return information;
}

/// The process with exactly this endpoint. no_such.
inline Result<ProcessInformation> find_process(Endpoint endpoint) {
    const Result<ProcessInformation> found = read_process(endpoint.slot());
    if (!found.has_value() || found->endpoint != endpoint) return Status::no_such;
    return found;
}

inline std::string process_name(Endpoint endpoint) {
    if (endpoint == endpoints::any) return "any";
    if (endpoint == endpoints::kernel) return "kernel";
    if (endpoint == endpoints::hardware) return "hardware";
    if (endpoint == endpoints::clock) return "clock";
    const Result<ProcessInformation> found = find_process(endpoint);
    return found.has_value() ? std::string(found->name.view()) : "?";
}

/// Asks for each name once: a request that shows many entries does not fill the trace with its own calls.
class ProcessNames {
public:
    const std::string& of(Endpoint endpoint) {
        const auto [place, is_new] = names_.try_emplace(endpoint);
        if (is_new) place->second = process_name(endpoint);
        return place->second;
    }

private:
    std::map<Endpoint, std::string> names_;
};

} // namespace tessera::netmgmt::guest
