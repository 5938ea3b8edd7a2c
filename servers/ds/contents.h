// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The bytes of memory entries and of snapshots, in whole pages of preserved memory. A record says which pages are its
// own, and a checksum of what they hold; pages of no record are free. So a crash loses nothing: new bytes go to free
// pages, and count from the moment in which the record that names them is committed.

#include "kernel/abi/result.h"
#include "kernel/abi/strong.h"
#include "servers/ds/stable_memory.h"
#include <bitset>

namespace tessera::ds {

struct StoredRange {
    std::uint32_t first_page = 0;
    std::uint32_t bytes = 0;
    std::uint32_t checksum = 0; // CRC-32 of the bytes

    std::size_t pages() const { return pages_for(bytes); }
    bool operator==(const StoredRange&) const = default;
};

class Contents {
public:
    static constexpr std::size_t page_count = 256;
    static constexpr std::size_t memory_bytes = page_count * page_bytes;

    // Its pages begin at `offset`, a multiple of page_bytes.
    Contents(StableMemory& memory, std::size_t offset) : memory_(memory), offset_(offset) {}
    Contents(const Contents&) = delete;
    Contents& operator=(const Contents&) = delete;

    // Pages for something new, which are free again when it goes without having been kept.
    class [[nodiscard]] New {
    public:
        New(New&& other) noexcept;
        New& operator=(New&&) = delete;
        ~New();

        std::span<std::byte> memory() const;
        // The pages with a checksum of what is in them, which no change may follow.
        StoredRange range() const;
        // They stay in use.
        void keep() && { contents_ = nullptr; }

    private:
        friend class Contents;
        New(Contents& contents, StoredRange range) : contents_(&contents), range_(range) {}

        Contents* contents_;
        StoredRange range_;
    };

    // no_space: no so many free pages in a row.
    Result<New> make(std::uint32_t bytes);
    void release(const StoredRange& range);

    // At a start: every page is free, then records claim theirs. False: no such pages, another's pages, or other bytes
    // than were kept.
    void clear() { used_.reset(); }
    bool claim(const StoredRange& range);

    std::span<const std::byte> operator[](const StoredRange& range) const;
    std::size_t free_pages() const { return page_count - used_.count(); }

private:
    bool is_free(std::size_t first, std::size_t pages) const;
    void mark(const StoredRange& range);

    StableMemory& memory_;
    std::size_t offset_;
    std::bitset<page_count> used_;
};

} // namespace tessera::ds
