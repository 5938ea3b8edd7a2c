// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// PM's processes: the living, and the dead whose parents were not told yet. The table is in preserved memory; every
// change takes effect by one 8-byte store, so that PM's next incarnation finds each process as it was or as it became.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/process.h"
#include "kernel/abi/result.h"
#include "kernel/abi/strong.h"
#include <array>
#include <optional>

namespace tessera::pm {

using ProcessId = Scalar<struct ProcessIdTag, std::uint32_t>; // 0 is no process

enum class ProcessState : std::uint8_t { living = 0, dead = 1 };

struct Process {
    ProcessId id;
    Endpoint endpoint;
    Endpoint parent; // none: nobody waits for it
    ProcessState state = ProcessState::living;
    DeathCause cause = DeathCause::none; // when dead; none: it died unseen, while there was no PM
    std::uint64_t detail = 0;
};

class ProcessTable {
public:
    struct Record {
        std::uint64_t identity; // id << 32 | endpoint; 0: free
        std::uint64_t fate;     // parent << 32 | cause << 8 | state
        std::uint64_t detail;
    };
    struct Memory {
        std::uint64_t last_id;
        std::array<Record, process_limit> records;
    };

    explicit ProcessTable(Memory& memory) : memory_(memory) {}

    void clear();

    // A living process. no_space.
    Result<ProcessId> add(Endpoint endpoint, Endpoint parent);
    void mark_dead(Endpoint endpoint, DeathCause cause, std::uint64_t detail);
    void disown(Endpoint endpoint); // from now on nobody is its parent
    void forget(Endpoint endpoint);

    std::optional<Process> find(Endpoint endpoint) const;
    std::optional<Process> find(ProcessId id) const;

    template <class Visitor> void for_each(Visitor&& visitor) const {
        for (const Record& record : memory_.records)
            if (record.identity != 0) visitor(process_of(record));
    }

private:
    static Process process_of(const Record& record);
    Record* record_of(Endpoint endpoint);
    ProcessId next_id();

    Memory& memory_;
};

} // namespace tessera::pm
