// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/interrupts.h"
#include "kernel/abi/calls/devices.h"
#include <algorithm>
#include <utility>

namespace tessera::kernel {

Completion Interrupts::enable(Process& caller, InterruptLine line) {
    const auto& own = caller.privileges;
    bool permitted = false;
    for (std::size_t i = 0; i < own.interrupt_count; ++i) permitted |= own.interrupts[i] == line;
    if (!permitted || line.value >= arch::interrupt_lines || arch::is_kernel_line(line)) return Status::not_permitted;
    Line& entry = at(line);
    if (entry.owner != caller.endpoint && processes_.living(entry.owner).has_value()) return Status::busy;
    entry.owner = caller.endpoint;
    if (entry.state != State::closed) return Done{};
    if (entry.in_window >= storm_limit && time_.now() < entry.window_end) {
        entry.state = State::contained;
        ++entry.contained;
        next_window_end_ = std::min(next_window_end_, entry.window_end);
        timer_.require(entry.window_end);
        return Done{};
    }
    open(line);
    return Done{};
}

Result<kernel_calls::InterruptsRead::Reply> Interrupts::read(InterruptLine line) const {
    if (line.value >= arch::interrupt_lines) return Status::no_entry;
    const Line& entry = lines_[line.value];
    return kernel_calls::InterruptsRead::Reply{.owner = entry.owner,
                                               .state = entry.state,
                                               .raised = entry.raised,
                                               .delivered = entry.delivered,
                                               .spurious = entry.spurious,
                                               .contained = entry.contained};
}

void Interrupts::open(InterruptLine line) {
    Line& entry = at(line);
    arch::unmask_line(line); // for a missed interrupt too: another may follow it
    entry.state = State::open;
    if (std::exchange(entry.missed, false)) hand_over(line);
}

void Interrupts::raised(InterruptLine line) {
    ++counters_.interrupts;
    Line& entry = at(line);
    ++entry.raised;
    const bool owned = processes_.living(entry.owner).has_value();
    if (observer_.on()) observer_.interrupt(endpoints::hardware, line, owned ? entry.owner : endpoints::none);
    const bool kept = arch::while_masked(line) == arch::WhileMasked::kept;
    // A line that forgets what comes while it is masked is masked only by the second interrupt, which is noted.
    if (kept || !owned || entry.state != State::open) arch::mask_line(line);
    if (!owned) {
        ++counters_.spurious_interrupts;
        ++entry.spurious;
    } else if (entry.state == State::open)
        hand_over(line);
    else
        entry.missed = !kept;
}

// To its living owner; the line is closed until that enables it.
void Interrupts::hand_over(InterruptLine line) {
    Line& entry = at(line);
    const auto owner = processes_.living(entry.owner);
    if (!owner.has_value()) return;
    entry.state = State::closed;
    if (const Nanoseconds now = time_.now(); now >= entry.window_end) {
        entry.window_end = {now.value + storm_window.value};
        entry.in_window = 0;
    }
    ++entry.in_window;
    ++entry.delivered;
    messages_.notify_interrupt(**owner, line);
}

void Interrupts::end_windows(Nanoseconds time) {
    if (time < next_window_end_) return;
    next_window_end_ = never;
    for (std::uint32_t line = 0; line < arch::interrupt_lines; ++line) {
        if (lines_[line].state != State::contained) continue;
        if (lines_[line].window_end <= time)
            open({line});
        else
            next_window_end_ = std::min(next_window_end_, lines_[line].window_end);
    }
}

void Interrupts::release_all(const Process& dead) {
    for (std::uint32_t line = 0; line < arch::interrupt_lines; ++line) {
        Line& entry = lines_[line];
        if (entry.owner != dead.endpoint) continue;
        entry.owner = {};
        entry.state = State::closed;
        entry.missed = false;
        arch::mask_line({line});
    }
}

} // namespace tessera::kernel
