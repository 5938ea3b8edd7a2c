// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Records of one kind in stable memory. A crash between any two stores leaves each record in its old or its new
// version:
//
//   insert   write body into a free record, then commit its word
//   replace  insert the new version (higher sequence), then clear the word of the old one
//   erase    clear the word
//
// Word 0 of a record: 0 = free, else committed_mark + CRC-32 of what follows (sequence and the used part of the
// payload).
//
// Payload must be trivially copyable and have
//   std::size_t used_bytes() const;                 how much of it is stored; valid for any garbage
//   bool well_formed() const;                       checked after the checksum
//   bool same_identity(const Payload&) const;       of two such records only the newer one counts

#include "servers/ds/crc32.h"
#include "servers/ds/stable_memory.h"
#include <bitset>
#include <limits>
#include <optional>

namespace tessera::ds {

struct RecordIndex {
    std::uint16_t value = 0;
    bool operator==(const RecordIndex&) const = default;
};

struct Recovery {
    std::size_t kept = 0;
    std::size_t damaged = 0;    // failed their check and were dropped
    std::size_t superseded = 0; // old versions whose removal a crash prevented
};

template <class Payload, std::size_t Capacity> class RecordTable {
    struct Body {
        std::uint64_t sequence = 0; // grows with every version written
        Payload payload;
    };
    struct Record {
        std::uint64_t word;
        Body body;
    };
    static_assert(std::is_trivially_copyable_v<Body> && alignof(Record) == alignof(std::uint64_t));
    static_assert(Capacity < std::numeric_limits<std::uint16_t>::max());

    // One record stays free, so that a full table can still replace.
    static constexpr std::size_t record_count = Capacity + 1;
    static constexpr std::uint64_t committed_mark = 0x5445'5353'0000'0000; // "TESS"
    static constexpr std::uint64_t free_word = 0;

public:
    static constexpr std::size_t memory_bytes = record_count * sizeof(Record);

    // The table's memory begins at `offset`, a multiple of 8.
    RecordTable(StableMemory& memory, std::size_t offset) : memory_(memory), offset_(offset) {}

    // Makes every record free.
    void clear() {
        for (std::size_t i = 0; i < record_count; ++i) memory_.commit(offset_of(i), free_word);
        used_.reset();
    }

    // Takes over what a predecessor left.
    Recovery recover() {
        Recovery recovery;
        used_.reset();
        for (std::size_t i = 0; i < record_count; ++i) {
            if (record(i).word == free_word) continue;
            if (intact(record(i))) {
                used_.set(i);
                last_sequence_ = std::max(last_sequence_, record(i).body.sequence);
            } else {
                memory_.commit(offset_of(i), free_word);
                ++recovery.damaged;
            }
        }
        drop_superseded(recovery);
        recovery.kept = used_.count();
        return recovery;
    }

    // Nothing when the table is full.
    std::optional<RecordIndex> insert(const Payload& payload) {
        if (full()) return std::nullopt;
        return store(payload);
    }

    // The new version's place.
    RecordIndex replace(RecordIndex old, const Payload& payload) {
        const RecordIndex index = store(payload);
        erase(old);
        return index;
    }

    void erase(RecordIndex index) {
        memory_.commit(offset_of(index.value), free_word);
        used_.reset(index.value);
    }

    const Payload& operator[](RecordIndex index) const { return record(index.value).body.payload; }
    std::size_t size() const { return used_.count(); }
    bool full() const { return size() >= Capacity; }

    template <class Visitor> void for_each(Visitor&& visitor) const {
        for (std::size_t i = 0; i < record_count; ++i)
            if (used_.test(i)) visitor(RecordIndex{static_cast<std::uint16_t>(i)}, record(i).body.payload);
    }

private:
    std::size_t offset_of(std::size_t index) const { return offset_ + index * sizeof(Record); }

    const Record& record(std::size_t index) const {
        return *reinterpret_cast<const Record*>(memory_.bytes().subspan(offset_of(index), sizeof(Record)).data());
    }

    static std::span<const std::byte> used_part(const Body& body) {
        return std::as_bytes(std::span(&body, 1)).first(offsetof(Body, payload) + body.payload.used_bytes());
    }

    static std::uint64_t word_of(const Body& body) { return committed_mark + Crc32{}.add(used_part(body)).value(); }

    static bool intact(const Record& record) {
        return record.body.payload.used_bytes() <= sizeof(Payload) && record.word == word_of(record.body) &&
               record.body.payload.well_formed();
    }

    RecordIndex store(const Payload& payload) {
        std::size_t index = 0;
        while (used_.test(index)) ++index;
        const Body body{.sequence = ++last_sequence_, .payload = payload};
        memory_.write(offset_of(index) + offsetof(Record, body), used_part(body));
        memory_.commit(offset_of(index), word_of(body));
        used_.set(index);
        return {static_cast<std::uint16_t>(index)};
    }

    void drop_superseded(Recovery& recovery) {
        for (std::size_t i = 0; i < record_count; ++i) {
            for (std::size_t j = 0; used_.test(i) && j < record_count; ++j) {
                if (i == j || !used_.test(j) || record(i).body.sequence > record(j).body.sequence) continue;
                if (!record(i).body.payload.same_identity(record(j).body.payload)) continue;
                erase({static_cast<std::uint16_t>(i)});
                ++recovery.superseded;
            }
        }
    }

    StableMemory& memory_;
    std::size_t offset_;
    std::bitset<record_count> used_;
    std::uint64_t last_sequence_ = 0;
};

} // namespace tessera::ds
