// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The memory of one worker, and what it must hold: each page has a mark at both its ends.

#include "kernel/abi/strong.h"
#include "tests/guest-fuzz/random.h"
#include <array>
#include <cstddef>
#include <cstdint>

namespace tessera::soak {

class Mappings {
public:
    explicit Mappings(guest_fuzz::Random& random) : random_(random) {}

    // One random step each; false when memory is not what it must be.
    bool map();
    bool unmap_part();
    bool touch();
    bool protect();
    bool move_heap();

    // Whether every page holds what it must.
    bool intact() const;

private:
    static constexpr std::size_t mapping_limit = 12;
    static constexpr std::size_t page_limit = 24; // of one mapping

    struct Page {
        bool mapped = false;
        std::uint64_t mark = 0; // 0: never written to
    };
    struct Mapping {
        std::byte* memory = nullptr; // nullptr: none
        std::size_t pages = 0;
        std::array<Page, page_limit> page{};
    };

    struct Part {
        std::size_t first = 0;
        std::size_t count = 0;
    };

    Mapping* any_used();
    Part any_part(const Mapping& mapping);
    static bool holds(const std::byte* page, std::uint64_t mark);
    static void write(std::byte* page, std::uint64_t mark);

    guest_fuzz::Random& random_;
    std::array<Mapping, mapping_limit> mappings_{};
    std::byte* heap_start_ = nullptr;
    std::size_t heap_pages_ = 0;
    std::array<std::uint64_t, page_limit> heap_marks_{};
};

} // namespace tessera::soak
