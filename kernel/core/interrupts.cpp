// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/interrupts.h"

namespace tessera::kernel {

Completion Interrupts::enable(Process& caller, InterruptLine line) {
    const auto& own = caller.privileges;
    bool permitted = false;
    for (std::size_t i = 0; i < own.interrupt_count; ++i) permitted |= own.interrupts[i] == line;
    if (!permitted || line.value >= arch::interrupt_lines) return Status::not_permitted;
    Endpoint& owner = owners_[line.value];
    if (owner != caller.endpoint && processes_.living(owner).has_value()) return Status::busy;
    owner = caller.endpoint;
    arch::unmask_line(line);
    return Done{};
}

void Interrupts::raised(InterruptLine line) {
    ++counters_.interrupts;
    arch::mask_line(line);
    const auto owner = processes_.living(owners_[line.value]);
    if (observer_.on())
        observer_.interrupt(endpoints::hardware, line, owner.has_value() ? (*owner)->endpoint : endpoints::none);
    if (owner.has_value())
        messages_.notify_interrupt(**owner, line);
    else
        ++counters_.spurious_interrupts;
}

void Interrupts::release_all(const Process& dead) {
    for (std::uint32_t line = 0; line < arch::interrupt_lines; ++line) {
        if (owners_[line] != dead.endpoint) continue;
        owners_[line] = {};
        arch::mask_line({line});
    }
}

} // namespace tessera::kernel
