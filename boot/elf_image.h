// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What there is to load of a static ELF64 program for x86-64. Works on a copy of the first page of the file alone, so
// that a loader can fetch the segments from wherever they are. No memory of its own, no C library.
// System V ABI, chapters 4 and 5 (gABI 4.1) and its AMD64 supplement.

#include "kernel/abi/result.h"
#include "kernel/abi/strong.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tessera::boot {

// There is no way to say "writable and executable".
enum class SegmentAccess : std::uint8_t { read, read_write, read_execute };

struct ElfSegment {
    VirtualAddress address;        // not always page aligned
    std::uint64_t file_offset = 0; // has the same offset in its page as `address`
    std::uint64_t file_bytes = 0;  // the rest of memory_bytes is zero
    std::uint64_t memory_bytes = 0;
    SegmentAccess access = SegmentAccess::read;

    VirtualAddress first_page() const { return address.page(); }
    VirtualAddress end_page() const { return (address + memory_bytes).page_up(); }
    std::uint64_t pages() const { return (end_page() - first_page()) / page_bytes; }
};

class ElfImage {
public:
    static constexpr std::size_t segment_limit = 16;
    static constexpr std::size_t head_bytes = page_bytes; // ELF header and program headers must lie in these
    static constexpr std::size_t program_header_bytes = 56;
    static constexpr VirtualAddress lowest{0x1'0000}; // below it nothing is mapped: null pointers fault

    // `head`: the first head_bytes of the file, or all of a smaller one. not_executable: anything but a well-formed
    // static program whose segments are in user space below user_layout::anonymous, ascending, on pages of their own,
    // none writable and executable, with the entry point in an executable one.
    static Result<ElfImage> open(std::span<const std::byte> head, std::uint64_t total_bytes);

    std::span<const ElfSegment> segments() const { return std::span(segments_).first(segment_count_); }
    VirtualAddress entry() const { return entry_; }

    // Where the program headers are once the segments are loaded (for AT_PHDR); 0 when no segment contains them.
    VirtualAddress program_headers() const { return program_headers_; }
    std::uint16_t program_header_count() const { return program_header_count_; }

private:
    ElfImage() = default;
    bool accept(const ElfSegment& segment);
    bool executable(VirtualAddress address) const;
    void locate_program_headers(std::uint64_t file_offset);

    std::array<ElfSegment, segment_limit> segments_{};
    std::size_t segment_count_ = 0;
    VirtualAddress entry_;
    VirtualAddress program_headers_;
    std::uint16_t program_header_count_ = 0;
};

} // namespace tessera::boot
