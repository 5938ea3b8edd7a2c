// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// From a method's name to its result: is there such a method, may the caller, are the parameters right, do it.

#include "netmgmt/methods/method.h"

namespace tessera::netmgmt {

/// The one who calls, as far as methods are concerned.
struct Caller {
    RoleSet roles;
    std::optional<MachineStop> stop_after_reply{}; ///< what a method of this caller asked for
};

class Dispatcher {
public:
    Dispatcher(const SystemView& system, const Identity& identity, const PeerCounters& peers, MethodTable table)
        : system_(system),
          identity_(identity),
          peers_(peers),
          table_(table) {}

    /// Writes the result; after an error `out` may hold a part of it.
    [[nodiscard]] Outcome<void> dispatch(std::string_view name, JsonView parameters, Caller& caller,
                                         JsonWriter& out) const;

private:
    SystemView system_;
    const Identity& identity_;
    const PeerCounters& peers_;
    MethodTable table_;
};

} // namespace tessera::netmgmt
