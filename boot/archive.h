// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Reads the boot archive: cpio "newc with checksum" (magic 070702; cpio(5)). Nothing in it is trusted: `open` walks and
// checks every header, `find` the checksum of the file it returns. No memory of its own, no C library. A name may be
// longer by further NULs: so the contents of programs lie on page boundaries, and their pages can be shared.

#include "kernel/abi/result.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tessera::boot {

struct ArchiveEntry {
    std::string_view name;
    std::span<const std::byte> contents; // not checked yet: ask intact()
    std::uint32_t mode = 0;              // as in Unix
    std::uint32_t checksum = 0;          // sum of the bytes of a regular file

    bool regular_file() const { return (mode & 0170000) == 0100000; }
    bool intact() const; // whether the checksum is right
};

class Archive {
public:
    static constexpr std::size_t name_limit = 255;

    // damaged: a header, name or size is not sane, or the end record is missing. The bytes must stay as they are.
    static Result<Archive> open(std::span<const std::byte> bytes);

    // The contents of a regular file. no_entry; damaged: its checksum is wrong.
    Result<std::span<const std::byte>> find(std::string_view name) const;

    class Iterator {
    public:
        const ArchiveEntry& operator*() const { return entry_; }
        const ArchiveEntry* operator->() const { return &entry_; }
        Iterator& operator++();
        bool operator==(const Iterator& other) const { return offset_ == other.offset_; }

    private:
        friend class Archive;
        Iterator(std::span<const std::byte> bytes, std::size_t offset);
        void read();

        std::span<const std::byte> bytes_;
        std::size_t offset_ = 0;
        std::size_t next_ = 0;
        ArchiveEntry entry_;
    };

    Iterator begin() const { return {bytes_, 0}; }
    Iterator end() const { return {bytes_, end_}; }

private:
    Archive(std::span<const std::byte> bytes, std::size_t end) : bytes_(bytes), end_(end) {}

    std::span<const std::byte> bytes_;
    std::size_t end_; // offset of the end record
};

} // namespace tessera::boot
