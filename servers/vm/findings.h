// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What a check finds wrong.

#include "servers/protocols/vm_check.h"
#include "servers/vm/kernel_interface.h"
#include <source_location>

namespace tessera::vm {

using protocol::vm::PageUse;
using protocol::vm::ProblemKind;

struct Problem {
    ProblemKind kind = ProblemKind::none;
    std::uint64_t address = 0; // see protocol::vm::Check
    std::string_view name{};   // of what has the wrong sum, or of the slab
    PageUse first = PageUse::none;
    PageUse second = PageUse::none;
    Endpoint owner{};           // of the last named use
    std::uint64_t expected = 0; // by the books
    std::uint64_t found = 0;
    std::source_location first_place{}; // where the first use was collected, or the object released
    std::source_location second_place{};
};

// Counts problems, keeps the first and logs the first few.
class Findings {
public:
    static constexpr std::uint32_t logged_limit = 8;

    explicit Findings(KernelInterface& kernel) : kernel_(kernel) {}
    Findings(const Findings&) = delete;
    Findings& operator=(const Findings&) = delete;

    void add(const Problem& problem);

    std::uint32_t count() const { return count_; }
    const Problem& first() const { return first_; }

private:
    KernelInterface& kernel_;
    Problem first_;
    std::uint32_t count_ = 0;
};

std::string_view name_of(ProblemKind kind);
std::string_view name_of(PageUse use);

} // namespace tessera::vm
