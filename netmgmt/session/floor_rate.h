// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Finds out who is too slow: bytes must come (or go) at least at the floor rate once the grace is over.

#include "netmgmt/limits.h"

#include <optional>

namespace tessera::netmgmt {

class FloorRate {
public:
    using Time = std::chrono::nanoseconds;

    void start(Time now) {
        started_ = now;
        bytes_ = 0;
    }

    void stop() { started_.reset(); }

    [[nodiscard]] bool running() const { return started_.has_value(); }

    void add(std::size_t bytes) { bytes_ += bytes; }

    [[nodiscard]] bool violated(Time now, const Deadlines& deadlines) const {
        if (!started_) return false;
        const auto earned = std::chrono::milliseconds(bytes_ * 1000 / deadlines.floor_bytes_per_second);
        return now - *started_ > deadlines.grace + earned;
    }

private:
    std::optional<Time> started_;
    std::uint64_t bytes_ = 0;
};

} // namespace tessera::netmgmt
