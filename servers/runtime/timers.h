// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Many timers on the one alarm that a process has. Pure bookkeeping: the owner sets the kernel's alarm to `next`.

#include "kernel/abi/strong.h"
#include <algorithm>
#include <optional>
#include <vector>

namespace tessera::runtime {

// A timer is known by its key; setting it again moves it. Linear: for tens of timers.
template <class Key> class TimerQueue {
public:
    void set(const Key& key, Nanoseconds deadline) {
        cancel(key);
        timers_.push_back({.deadline = deadline, .key = key});
    }

    void cancel(const Key& key) {
        std::erase_if(timers_, [&](const Timer& timer) { return timer.key == key; });
    }

    std::optional<Nanoseconds> next() const {
        const auto earliest = std::ranges::min_element(timers_, {}, &Timer::deadline);
        return earliest == timers_.end() ? std::nullopt : std::optional(earliest->deadline);
    }

    // Removes and returns a timer whose time has come, the earliest first.
    std::optional<Key> take_due(Nanoseconds now) {
        const auto earliest = std::ranges::min_element(timers_, {}, &Timer::deadline);
        if (earliest == timers_.end() || now < earliest->deadline) return std::nullopt;
        const Key key = earliest->key;
        timers_.erase(earliest);
        return key;
    }

private:
    struct Timer {
        Nanoseconds deadline;
        Key key;
    };
    std::vector<Timer> timers_;
};

} // namespace tessera::runtime
