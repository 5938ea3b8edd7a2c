// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How a view hands over a list of any length: entry after entry from a position on, until the visitor has enough.

#include "netmgmt/view/system_error.h"

#include <cstdint>

namespace tessera::netmgmt {

/// Where in a list an entry stands: a slot, an address, a sequence number. The order of a list follows its positions
/// and an entry keeps its own as long as it lives, so that reading on after a pause neither skips nor repeats what
/// stayed.
struct Position {
    std::uint64_t value = 0;
    auto operator<=>(const Position&) const = default;
};

enum class Visit : std::uint8_t {
    next, ///< the entry was taken
    stop, ///< it was not; the visitor wants no more
};

template <class Entry> class Visitor {
public:
    virtual Visit visit(Position position, const Entry& entry) = 0;

protected:
    ~Visitor() = default;
};

/// From where on, and how many entries will be wanted at most: a hint for views that fetch several at once.
struct Range {
    Position from;
    std::uint32_t at_most;
};

/// A list is done when the visitor stops it or no entry is left.
using ListResult = SystemResult<void>;

} // namespace tessera::netmgmt
