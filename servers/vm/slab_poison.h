// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What a free object holds when slabs are guarded: the place in the source that released it, that word inverted, and
// then a pattern. As a pointer the pattern is not canonical (Intel SDM vol. 1, 3.3.7.1): who follows it faults.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <span>

namespace tessera::vm {

inline constexpr std::uint64_t poison_pattern = 0xdead'51ab'dead'51abull;
inline constexpr std::size_t smallest_object = 3 * sizeof(std::uint64_t);

namespace detail {

inline std::uint64_t word_of(std::span<const std::byte> object, std::size_t index) {
    std::uint64_t word = 0;
    std::memcpy(&word, object.data() + index * sizeof(word), sizeof(word));
    return word;
}

inline void set_word(std::span<std::byte> object, std::size_t index, std::uint64_t word) {
    std::memcpy(object.data() + index * sizeof(word), &word, sizeof(word));
}

} // namespace detail

// An object that was never in use has the place std::source_location{}.
inline void poison(std::span<std::byte> object, std::source_location place) {
    const auto word = std::bit_cast<std::uint64_t>(place);
    detail::set_word(object, 0, word);
    detail::set_word(object, 1, ~word);
    for (std::size_t i = 2; i < object.size() / sizeof(word); ++i) detail::set_word(object, i, poison_pattern);
}

// Whether nobody wrote to it since.
inline bool is_poisoned(std::span<const std::byte> object) {
    bool intact = detail::word_of(object, 0) == ~detail::word_of(object, 1);
    for (std::size_t i = 2; i < object.size() / sizeof(std::uint64_t); ++i)
        intact = intact && detail::word_of(object, i) == poison_pattern;
    return intact;
}

// Who released it; std::source_location{} when it is not told.
inline std::source_location place_of_release(std::span<const std::byte> object) {
    const std::uint64_t word = detail::word_of(object, 0);
    return word == ~detail::word_of(object, 1) ? std::bit_cast<std::source_location>(word) : std::source_location{};
}

} // namespace tessera::vm
