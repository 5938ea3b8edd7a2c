// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/findings.h"
#include "servers/vm/text_line.h"
#include <array>

namespace tessera::vm {
namespace {

constexpr std::array<std::string_view, protocol::vm::problem_kind_count> kind_names{
    "nothing",
    "page used twice",
    "page both used and free",
    "page leaked: neither used nor free",
    "page in use is not memory",
    "wrong count of references",
    "wrong record of use",
    "wrong sum",
    "wrong region",
    "wrong page table entry",
    "damaged slab",
    "objects leaked",
};

constexpr std::array<std::string_view, protocol::vm::page_use_count> use_names{
    "nothing", "free",          "kernel",       "boot archive", "VM image",          "frame records", "check table",
    "slab",    "VM page table", "root entries", "page table",   "page of a process", "contiguous",    "left behind",
};

void describe_use(TextLine& line, PageUse use, std::source_location place) {
    if (use == PageUse::none) return;
    line << ", " << name_of(use);
    if (place.line() != 0) line << " (" << place << ')';
}

void describe(TextLine& line, const Problem& problem) {
    line << "check: " << name_of(problem.kind) << ':';
    if (!problem.name.empty()) line << ' ' << problem.name;
    if (problem.address != 0) line << " at " << Hexadecimal{problem.address};
    if (problem.owner != endpoints::none) line << " of process " << problem.owner.value();
    describe_use(line, problem.first, problem.first_place);
    describe_use(line, problem.second, problem.second_place);
    if (problem.first == PageUse::none && problem.first_place.line() != 0)
        line << ", released at " << problem.first_place;
    if (problem.expected != problem.found) line << ", by the books " << problem.expected << ", found " << problem.found;
}

} // namespace

void Findings::add(const Problem& problem) {
    if (count_++ == 0) first_ = problem;
    if (count_ > logged_limit) return;
    TextLine line;
    describe(line, problem);
    kernel_.log(LogLevel::error, line.view());
}

std::string_view name_of(ProblemKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }
std::string_view name_of(PageUse use) { return use_names[static_cast<std::size_t>(use)]; }

} // namespace tessera::vm
