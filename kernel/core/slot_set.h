// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A set of process slots.

#include "kernel/abi/process.h"
#include <array>
#include <bit>
#include <cstdint>

namespace tessera::kernel {

class SlotSet {
public:
    void set(std::uint32_t slot) { words_[slot / word_bits] |= bit(slot); }
    void reset(std::uint32_t slot) { words_[slot / word_bits] &= ~bit(slot); }
    bool test(std::uint32_t slot) const { return (words_[slot / word_bits] & bit(slot)) != 0; }
    // The lowest slot; process_limit when there is none.
    std::uint32_t first() const {
        for (std::uint32_t i = 0; i < words_.size(); ++i)
            if (words_[i] != 0) return i * word_bits + static_cast<std::uint32_t>(std::countr_zero(words_[i]));
        return process_limit;
    }
    bool none() const { return first() == process_limit; }
    bool operator==(const SlotSet&) const = default;

private:
    static constexpr std::uint32_t word_bits = 64;
    static_assert(process_limit % word_bits == 0);
    static constexpr std::uint64_t bit(std::uint32_t slot) { return 1ull << slot % word_bits; }

    std::array<std::uint64_t, process_limit / word_bits> words_{};
};

} // namespace tessera::kernel
