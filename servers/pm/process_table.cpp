// SPDX-License-Identifier: BSD-3-Clause
#include "servers/pm/process_table.h"
#include <atomic>

namespace tessera::pm {

namespace {

// One store, after all earlier ones: the fences keep the compiler from changing the order, x86 keeps it anyway.
void store(std::uint64_t& word, std::uint64_t value) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref(word).store(value, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

constexpr unsigned parent_shift = 32, generation_shift = 12, cause_shift = 4;
constexpr std::uint64_t generation_mask = Endpoint::generation_limit - 1, cause_mask = 0xff, state_mask = 0xf;

} // namespace

ProcessTable::ProcessTable(Memory& memory) : memory_(memory) {
    for (const ProcessState state : {ProcessState::beginning, ProcessState::living, ProcessState::dead})
        for_each([&](const Process& process) {
            if (process.state == state) link(process.endpoint, process.parent);
        });
    // A parent whose slot another parent has by now is dead.
    for_each([&](const Process& process) {
        if (process.parent != endpoints::none && !has_children(process.parent)) {
            Process orphan = process;
            orphan.parent = endpoints::none;
            store_fate(orphan);
        }
    });
}

void ProcessTable::add(Endpoint endpoint, Endpoint parent, ProcessState state) {
    const Process former = in_slot(endpoint.slot());
    if (former.state != ProcessState::none) forget(former.endpoint);
    store_fate({.endpoint = endpoint, .parent = parent, .state = state});
    link(endpoint, parent);
}

void ProcessTable::mark_living(Endpoint endpoint) {
    auto process = find(endpoint);
    if (!process) return;
    process->state = ProcessState::living;
    store_fate(*process);
}

void ProcessTable::mark_dead(Endpoint endpoint, DeathCause cause, std::uint64_t detail) {
    auto process = find(endpoint);
    if (!process) return;
    store(memory_.records[endpoint.slot()].detail, detail);
    process->state = ProcessState::dead;
    process->cause = cause;
    store_fate(*process);
    unlink(endpoint, process->parent);
    link(endpoint, process->parent);
}

void ProcessTable::disown(Endpoint endpoint) {
    auto process = find(endpoint);
    if (!process) return;
    unlink(endpoint, process->parent);
    process->parent = endpoints::none;
    store_fate(*process);
}

void ProcessTable::forget(Endpoint endpoint) {
    const auto process = find(endpoint);
    if (!process) return;
    unlink(endpoint, process->parent);
    store(memory_.records[endpoint.slot()].fate, 0);
}

std::optional<Process> ProcessTable::find(Endpoint endpoint) const {
    if (endpoint.slot() >= process_limit) return std::nullopt;
    const Process process = in_slot(endpoint.slot());
    if (process.state == ProcessState::none || process.endpoint != endpoint) return std::nullopt;
    return process;
}

std::optional<Process> ProcessTable::first_child(Endpoint parent) const {
    if (!has_children(parent) || family_of(parent).first == no_slot) return std::nullopt;
    return in_slot(family_of(parent).first);
}

Endpoint ProcessTable::former_parent(Endpoint parent) const {
    const Endpoint found = family_of(parent).parent;
    return found != parent ? found : endpoints::none;
}

Process ProcessTable::in_slot(std::uint32_t slot) const {
    const auto [fate, detail] = memory_.records[slot];
    return {.endpoint = Endpoint(slot, static_cast<std::uint32_t>(fate >> generation_shift & generation_mask)),
            .parent = Endpoint::from_value(static_cast<std::uint32_t>(fate >> parent_shift)),
            .state = static_cast<ProcessState>(fate & state_mask),
            .cause = static_cast<DeathCause>(fate >> cause_shift & cause_mask),
            .detail = detail};
}

void ProcessTable::store_fate(const Process& process) {
    store(memory_.records[process.endpoint.slot()].fate,
          std::uint64_t{process.parent.value()} << parent_shift |
              std::uint64_t{process.endpoint.generation()} << generation_shift |
              std::uint64_t{static_cast<std::uint8_t>(process.cause)} << cause_shift |
              static_cast<std::uint8_t>(process.state));
}

// The dead are linked again when they die, and so come first: a parent that waits for any finds them at once.
void ProcessTable::link(Endpoint child, Endpoint parent) {
    if (parent == endpoints::none || parent.slot() >= process_limit) return;
    Family& family = family_of(parent);
    if (family.parent != parent && family.count != 0 && family.parent.generation() > parent.generation()) return;
    if (family.parent != parent) family = {.parent = parent};
    const auto slot = static_cast<Slot>(child.slot());
    siblings_[slot] = {.next = family.first};
    if (family.first != no_slot) siblings_[family.first].previous = slot;
    family.first = slot;
    ++family.count;
}

void ProcessTable::unlink(Endpoint child, Endpoint parent) {
    if (!has_children(parent)) return;
    Family& family = family_of(parent);
    const auto [previous, next] = siblings_[child.slot()];
    (previous == no_slot ? family.first : siblings_[previous].next) = next;
    if (next != no_slot) siblings_[next].previous = previous;
    siblings_[child.slot()] = {};
    if (--family.count == 0) family = {};
}

} // namespace tessera::pm
