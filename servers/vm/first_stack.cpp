// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/first_stack.h"
#include "kernel/abi/user_layout.h"
#include <algorithm>
#include <cstring>

namespace tessera::vm {
namespace {

enum class AuxiliaryType : std::uint64_t {
    end = 0,
    program_headers = 3,
    program_header_bytes = 4,
    program_header_count = 5,
    page_bytes = 6,
    entry = 9,
    random = 25, // a Linux extension that C libraries rely on
};

constexpr std::uint64_t word_bytes = sizeof(std::uint64_t);
constexpr std::uint64_t stack_alignment = 16;
constexpr std::uint64_t auxiliary_words = 2 * 7;
constexpr std::uint64_t fixed_words = 1 + 1 + 1 + auxiliary_words; // argc, end of argv, end of envp

class WordWriter {
public:
    explicit WordWriter(std::span<std::byte> place) : place_(place) {}
    void put(std::uint64_t word) {
        std::memcpy(place_.data(), &word, word_bytes);
        place_ = place_.subspan(word_bytes);
    }
    void put(AuxiliaryType type, std::uint64_t value) {
        put(static_cast<std::uint64_t>(type));
        put(value);
    }

private:
    std::span<std::byte> place_;
};

std::uint64_t count_strings(std::span<const std::byte> text) {
    const auto ends = static_cast<std::uint64_t>(std::ranges::count(text, std::byte{0}));
    return text.empty() || text.back() != std::byte{0} ? ends + 1 : ends;
}

} // namespace

VirtualAddress FirstStack::pointer() const { return user_layout::stack_end - used_; }

Completion FirstStack::build(const ProgramArguments& arguments, const boot::ElfImage& image, const RandomSeed& seed) {
    if (arguments.strings.size() > argument_bytes_limit) return Status::too_big;
    const bool nothing = arguments.strings.empty() && arguments.count == 0;
    const std::uint64_t count = nothing ? 0 : count_strings(arguments.strings);
    const std::uint64_t argument_count = arguments.count == ProgramArguments::all ? count : arguments.count;
    if (argument_count > count) return Status::invalid;
    const std::uint64_t words = fixed_words + count;
    const std::uint64_t string_bytes = arguments.strings.size() + 1; // there is always a NUL behind
    const std::uint64_t needed = words * word_bytes + seed.size() + string_bytes;
    const std::uint64_t aligned = (needed + stack_alignment - 1) / stack_alignment * stack_alignment;
    if (aligned > limit) return Status::too_big;
    used_ = aligned;

    // The strings are at the very end, below them the seed; the words start at the stack pointer.
    const std::span place = std::span(buffer_).subspan(limit - used_);
    const std::span strings = place.last(string_bytes);
    const std::span random = place.subspan(place.size() - string_bytes - seed.size(), seed.size());
    std::ranges::fill(place, std::byte{0});
    std::ranges::copy(arguments.strings, strings.begin());
    std::ranges::copy(seed, random.begin());
    const auto address_of = [&](const std::byte* where) {
        return pointer().value + static_cast<std::uint64_t>(where - place.data());
    };

    const bool headers_loaded = image.program_headers() != VirtualAddress{};
    const std::uint64_t visible_headers = headers_loaded ? image.program_header_count() : 0;
    WordWriter writer(place);
    writer.put(argument_count);
    for (std::uint64_t i = 0, offset = 0; i < count; ++i) {
        if (i == argument_count) writer.put(0); // end of argv
        writer.put(address_of(strings.data() + offset));
        while (strings[offset] != std::byte{0}) ++offset;
        ++offset;
    }
    if (argument_count == count) writer.put(0); // end of argv
    writer.put(0);                              // end of envp
    writer.put(AuxiliaryType::program_headers, image.program_headers().value);
    writer.put(AuxiliaryType::program_header_bytes, boot::ElfImage::program_header_bytes);
    writer.put(AuxiliaryType::program_header_count, visible_headers);
    writer.put(AuxiliaryType::page_bytes, page_bytes);
    writer.put(AuxiliaryType::entry, image.entry().value);
    writer.put(AuxiliaryType::random, address_of(random.data()));
    writer.put(AuxiliaryType::end, 0);
    return Done{};
}

} // namespace tessera::vm
