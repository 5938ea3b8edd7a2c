// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/page_uses.h"

namespace tessera::vm {
namespace {

// Processes share pages with each other, and code with the boot archive.
bool go_together(PageUse first, PageUse second) {
    return second == PageUse::process_page && (first == PageUse::process_page || first == PageUse::boot_archive);
}

ProblemKind problem_of(PageUse first, PageUse second) {
    return first == PageUse::free || second == PageUse::free ? ProblemKind::used_and_free : ProblemKind::used_twice;
}

} // namespace

PageUses::PageUses(std::span<Note> notes, Findings& findings) : notes_(notes), findings_(findings) {
    std::ranges::fill(notes_, Note{});
}

void PageUses::add_unusual(PhysicalAddress page, PageUse use, std::uint32_t references, Endpoint owner, Place place) {
    if (!covers(page) || !page.page_aligned()) {
        findings_.add({.kind = ProblemKind::not_memory,
                       .address = page.value,
                       .first = use,
                       .owner = owner,
                       .first_place = place});
        return;
    }
    Note& note = notes_[page.value / page_bytes];
    note.references = std::min(note.references + references, most_references);
    if (go_together(note.page_use(), use)) return;
    findings_.add({.kind = problem_of(note.page_use(), use),
                   .address = page.value,
                   .first = note.page_use(),
                   .second = use,
                   .owner = owner == endpoints::none ? note.owner : owner,
                   .first_place = place_of(note.page_use()),
                   .second_place = place});
}

} // namespace tessera::vm
