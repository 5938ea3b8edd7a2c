// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// From the statuses of the kernel and of servers to what a method answers.

#include "kernel/abi/result.h"
#include "netmgmt/view/system_error.h"

namespace tessera::netmgmt::guest {

/// A server that is down or restarts answers dead_endpoint or try_again: asking again helps. `where` is of static
/// storage.
inline SystemError system_error(Status status, std::string_view where) {
    const bool again = status == Status::dead_endpoint || status == Status::try_again;
    return {again ? Refusal::unavailable : Refusal::refused, status_name(status), where};
}

inline std::unexpected<SystemError> refusal(Status status, std::string_view where) {
    return std::unexpected(system_error(status, where));
}

} // namespace tessera::netmgmt::guest
