// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A note on each page of RAM while a check collects what the pages are used for.

#include "servers/vm/findings.h"
#include <algorithm>
#include <array>
#include <span>

namespace tessera::vm {

class PageUses {
public:
    using Place = std::source_location;

    struct Note {
        std::uint32_t references : 24; // that its uses account for; saturates
        std::uint32_t use : 8;
        Endpoint owner; // the first process that has it

        PageUse page_use() const { return static_cast<PageUse>(use); }
    };
    static_assert(sizeof(Note) == 8);
    static constexpr std::uint32_t most_references = (1u << 24) - 1;

    // One note for each page from address 0 up.
    PageUses(std::span<Note> notes, Findings& findings);

    // A use of a page that has `references` in its record on account of it. A page has one use, but for pages of
    // processes, which several may have. The place is told when it has two.
    void add(PhysicalAddress page, PageUse use, std::uint32_t references, Endpoint owner = endpoints::none,
             Place place = Place::current()) {
        places_[static_cast<std::size_t>(use)] = place;
        if (!covers(page) || !page.page_aligned() || note(page).page_use() != PageUse::none)
            return add_unusual(page, use, references, owner, place);
        notes_[page.value / page_bytes] = {.references = std::min(references, most_references),
                                           .use = static_cast<std::uint32_t>(use) & 0xff,
                                           .owner = owner};
    }

    bool covers(PhysicalAddress page) const { return page.value / page_bytes < notes_.size(); }
    const Note& note(PhysicalAddress page) const { return notes_[page.value / page_bytes]; }
    Place place_of(PageUse use) const { return places_[static_cast<std::size_t>(use)]; }

private:
    // No page of RAM, or one that has a use.
    void add_unusual(PhysicalAddress page, PageUse use, std::uint32_t references, Endpoint owner, Place place);

    std::span<Note> notes_;
    Findings& findings_;
    std::array<Place, protocol::vm::page_use_count> places_{}; // where uses of each kind are collected
};

} // namespace tessera::vm
