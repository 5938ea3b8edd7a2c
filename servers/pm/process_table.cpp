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

std::uint64_t identity_of(ProcessId id, Endpoint endpoint) { return std::uint64_t{id.value} << 32 | endpoint.value(); }

std::uint64_t fate_of(Endpoint parent, ProcessState state, DeathCause cause) {
    return std::uint64_t{parent.value()} << 32 | std::uint64_t{static_cast<std::uint8_t>(cause)} << 8 |
           static_cast<std::uint8_t>(state);
}

} // namespace

void ProcessTable::clear() {
    for (Record& record : memory_.records) store(record.identity, 0);
    store(memory_.last_id, 0);
}

Result<ProcessId> ProcessTable::add(Endpoint endpoint, Endpoint parent) {
    for (Record& record : memory_.records) {
        if (record.identity != 0) continue;
        const ProcessId id = next_id();
        store(record.detail, 0);
        store(record.fate, fate_of(parent, ProcessState::living, DeathCause::none));
        store(record.identity, identity_of(id, endpoint));
        return id;
    }
    return Status::no_space;
}

void ProcessTable::mark_dead(Endpoint endpoint, DeathCause cause, std::uint64_t detail) {
    Record* record = record_of(endpoint);
    if (record == nullptr) return;
    store(record->detail, detail);
    store(record->fate, fate_of(process_of(*record).parent, ProcessState::dead, cause));
}

void ProcessTable::disown(Endpoint endpoint) {
    Record* record = record_of(endpoint);
    if (record == nullptr) return;
    const Process process = process_of(*record);
    store(record->fate, fate_of(endpoints::none, process.state, process.cause));
}

void ProcessTable::forget(Endpoint endpoint) {
    if (Record* record = record_of(endpoint)) store(record->identity, 0);
}

std::optional<Process> ProcessTable::find(Endpoint endpoint) const {
    std::optional<Process> found;
    for_each([&](const Process& process) {
        if (process.endpoint == endpoint) found = process;
    });
    return found;
}

std::optional<Process> ProcessTable::find(ProcessId id) const {
    std::optional<Process> found;
    for_each([&](const Process& process) {
        if (process.id == id) found = process;
    });
    return found;
}

Process ProcessTable::process_of(const Record& record) {
    return {.id = {static_cast<std::uint32_t>(record.identity >> 32)},
            .endpoint = Endpoint::from_value(static_cast<std::uint32_t>(record.identity)),
            .parent = Endpoint::from_value(static_cast<std::uint32_t>(record.fate >> 32)),
            .state = (record.fate & 0xff) == 0 ? ProcessState::living : ProcessState::dead,
            .cause = static_cast<DeathCause>(record.fate >> 8 & 0xff),
            .detail = record.detail};
}

ProcessTable::Record* ProcessTable::record_of(Endpoint endpoint) {
    for (Record& record : memory_.records)
        if (record.identity != 0 && process_of(record).endpoint == endpoint) return &record;
    return nullptr;
}

// Ids that are in use are skipped when the counter comes round.
ProcessId ProcessTable::next_id() {
    ProcessId id{static_cast<std::uint32_t>(memory_.last_id)};
    do ++id.value;
    while (id.value == 0 || find(id).has_value());
    store(memory_.last_id, id.value);
    return id;
}

} // namespace tessera::pm
