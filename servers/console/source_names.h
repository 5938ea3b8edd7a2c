// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Who wrote a line. A name is remembered, so that the last words of a process that is gone still bear it.

#include "kernel/abi/process.h"
#include <array>
#include <optional>

namespace tessera::console {

class Processes {
public:
    virtual ~Processes() = default;
    // Nothing when there is no such process any more.
    virtual std::optional<Name> name_of(Endpoint process) = 0;
};

class SourceNames {
public:
    explicit SourceNames(Processes& processes) : processes_(processes) {}

    // "kernel", the name of the process, or "SLOT.GENERATION" when nobody knows it.
    Name of(Endpoint source);

private:
    struct Known {
        Endpoint endpoint;
        Name name;
    };
    Processes& processes_;
    std::array<Known, process_limit> known_{}; // by slot
};

} // namespace tessera::console
