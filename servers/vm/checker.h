// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// VM's check of itself: on demand, and between requests as the level says. A problem that is found between requests
// stops VM: what hands out memory on the ground of wrong books destroys more with every request.

#include "servers/vm/overlap_check.h"
#include "servers/vm/sanity_level.h"

namespace tessera::vm {

struct CheckReport {
    std::uint64_t pages = 0; // that were compared
    std::uint32_t problems = 0;
    Problem first;
};

class Checker {
public:
    // Requests from one check to the next.
    static constexpr std::uint64_t interval_of(SanityLevel level);

    // `frames`: for the table that a check needs. From level `top` on it is kept from the start: fatal without memory.
    Checker(const CheckedParts& parts, FrameAllocator& frames, SlabPages& slabs, KernelInterface& kernel,
            SanityLevel level);
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;

    SanityLevel level() const { return level_; }
    std::uint64_t checks() const { return checks_; }
    const CheckedParts& parts() const { return parts_; }

    // out_of_memory: no memory for the table.
    Result<CheckReport> check();

    // After each request.
    void after_request() {
        if (level_ != SanityLevel::none) [[unlikely]]
            check_now_and_then();
    }

private:
    // The pages of the table of notes.
    struct Table {
        PhysicalAddress base;
        std::uint64_t pages = 0;
    };

    Result<Table> make_table();
    void free_table(const Table& table);
    CheckReport check_with(const Table& table);
    void check_objects(Findings& findings) const;
    void check_now_and_then();

    CheckedParts parts_;
    FrameAllocator& frames_;
    SlabPages& slabs_;
    KernelInterface& kernel_;
    SanityLevel level_;
    Table kept_;
    std::uint64_t requests_ = 0;
    std::uint64_t checks_ = 0;
};

constexpr std::uint64_t Checker::interval_of(SanityLevel level) {
    switch (level) {
    case SanityLevel::none:
        break;
    case SanityLevel::top:
        return 1024;
    case SanityLevel::functions:
        return 64;
    case SanityLevel::detail:
        return 1;
    }
    return ~0ull;
}

} // namespace tessera::vm
