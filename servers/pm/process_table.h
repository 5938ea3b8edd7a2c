// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// PM's processes: the living, and the dead whose parents were not told yet; these keep their kernel slots, so that a
// slot has one record. The records are in preserved memory; every change takes effect by one 8-byte store, so that PM's
// next incarnation finds each process as it was or as it became. Who is whose child is also kept as linked lists, which
// are made anew from the records at start.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/process.h"
#include <array>
#include <optional>

namespace tessera::pm {

// beginning: a fork is under way; the child has not run.
enum class ProcessState : std::uint8_t { none = 0, beginning = 1, living = 2, dead = 3 };

struct Process {
    Endpoint endpoint;
    Endpoint parent; // none: nobody waits for it
    ProcessState state = ProcessState::living;
    DeathCause cause = DeathCause::none; // when dead; none: it died unseen, while there was no PM
    std::uint64_t detail = 0;
};

class ProcessTable {
public:
    struct Record {
        std::uint64_t fate = 0; // parent << 32 | generation << 12 | cause << 4 | state; 0: free
        std::uint64_t detail = 0;
    };
    struct Memory {
        std::array<Record, process_limit> records; // by slot
    };

    // Of what is in `memory`, which a predecessor may have left.
    explicit ProcessTable(Memory& memory);

    // A new process, in the place of what was known of its slot.
    void add(Endpoint endpoint, Endpoint parent, ProcessState state);
    // These do nothing for a process that is not in the table.
    void mark_living(Endpoint endpoint);
    void mark_dead(Endpoint endpoint, DeathCause cause, std::uint64_t detail);
    void disown(Endpoint endpoint); // from now on nobody is its parent
    void forget(Endpoint endpoint);

    std::optional<Process> find(Endpoint endpoint) const;

    // `none`: nobody.
    Process in_slot(std::uint32_t slot) const;

    std::size_t child_count(Endpoint parent) const { return has_children(parent) ? family_of(parent).count : 0; }
    // Dead ones come first.
    std::optional<Process> first_child(Endpoint parent) const;
    // Whose children hang in the slot of `parent`, when it is an earlier process; or none.
    Endpoint former_parent(Endpoint parent) const;

    template <class Visitor> void for_each(Visitor&& visitor) const {
        for (std::uint32_t slot = 0; slot < process_limit; ++slot)
            if (memory_.records[slot].fate != 0) visitor(in_slot(slot));
    }

private:
    using Slot = std::uint16_t;
    static constexpr Slot no_slot = process_limit;

    struct Family {
        Endpoint parent; // of those who hang here
        Slot first = no_slot;
        Slot count = 0;
    };
    struct Siblings {
        Slot previous = no_slot;
        Slot next = no_slot;
    };

    void store_fate(const Process& process);
    void link(Endpoint child, Endpoint parent);
    void unlink(Endpoint child, Endpoint parent);
    bool has_children(Endpoint parent) const {
        return parent != endpoints::none && parent.slot() < process_limit && family_of(parent).parent == parent;
    }
    Family& family_of(Endpoint parent) { return families_[parent.slot()]; }
    const Family& family_of(Endpoint parent) const { return families_[parent.slot()]; }

    Memory& memory_;
    std::array<Family, process_limit> families_{};   // by slot of the parent
    std::array<Siblings, process_limit> siblings_{}; // by slot of the child
};

} // namespace tessera::pm
