// SPDX-License-Identifier: BSD-3-Clause
#include "boot/archive.h"
#include <algorithm>
#include <optional>

namespace tessera::boot {
namespace {

// cpio(5), "New ASCII Format": a magic number and thirteen fields of eight hexadecimal digits, then name and contents,
// each padded to four bytes.
constexpr std::string_view magic = "070702";
constexpr std::string_view end_name = "TRAILER!!!";
constexpr std::size_t field_digits = 8;
constexpr std::size_t header_bytes = magic.size() + 13 * field_digits;

enum class Field : std::size_t { mode = 1, file_size = 6, name_size = 11, checksum = 12 };

struct Record {
    ArchiveEntry entry;
    std::size_t next = 0; // offset of the next header
};

constexpr std::uint64_t padded(std::uint64_t offset) { return (offset + 3) & ~std::uint64_t{3}; }

std::string_view text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::uint32_t> field(std::string_view header, Field which) {
    std::uint32_t value = 0;
    for (const char digit :
         header.substr(magic.size() + static_cast<std::size_t>(which) * field_digits, field_digits)) {
        const auto nibble = digit >= '0' && digit <= '9'   ? digit - '0'
                            : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                            : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                           : -1;
        if (nibble < 0) return std::nullopt;
        value = value << 4 | static_cast<std::uint32_t>(nibble);
    }
    return value;
}

// What is before the NULs; there is at least one, and nothing behind them.
std::optional<std::string_view> terminated(std::string_view field) {
    const std::string_view name = field.substr(0, field.find('\0'));
    if (name.size() == field.size() || field.find_first_not_of('\0', name.size()) != field.npos) return std::nullopt;
    return name;
}

bool sane_name(std::string_view name) {
    return !name.empty() && name.size() <= Archive::name_limit &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<Record> record_at(std::span<const std::byte> bytes, std::size_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < header_bytes) return std::nullopt;
    const auto header = text(bytes.subspan(offset, header_bytes));
    const auto mode = field(header, Field::mode);
    const auto file_size = field(header, Field::file_size);
    const auto name_size = field(header, Field::name_size);
    const auto checksum = field(header, Field::checksum);
    if (!header.starts_with(magic) || !mode || !file_size || !name_size || !checksum) return std::nullopt;

    // All of this in 64 bits: the fields have 32, so no sum wraps.
    const std::uint64_t name_start = std::uint64_t{offset} + header_bytes;
    const std::uint64_t start = padded(name_start + *name_size);
    const std::uint64_t end = start + *file_size;
    if (*name_size == 0 || end > bytes.size()) return std::nullopt;
    const auto name = terminated(text(bytes.subspan(name_start, *name_size)));
    if (!name || !sane_name(*name)) return std::nullopt;
    return Record{{.name = *name, .contents = bytes.subspan(start, *file_size), .mode = *mode, .checksum = *checksum},
                  static_cast<std::size_t>(std::min<std::uint64_t>(padded(end), bytes.size()))};
}

} // namespace

bool ArchiveEntry::intact() const {
    std::uint32_t sum = 0;
    for (const std::byte byte : contents) sum += std::to_integer<std::uint32_t>(byte);
    return sum == checksum;
}

Result<Archive> Archive::open(std::span<const std::byte> bytes) {
    std::size_t offset = 0;
    for (;;) {
        const auto record = record_at(bytes, offset);
        if (!record) return Status::damaged;
        if (record->entry.name == end_name) return Archive(bytes, offset);
        offset = record->next;
    }
}

Result<std::span<const std::byte>> Archive::find(std::string_view name) const {
    for (const auto& entry : *this) {
        if (entry.name != name || !entry.regular_file()) continue;
        if (!entry.intact()) return Status::damaged;
        return entry.contents;
    }
    return Status::no_entry;
}

Archive::Iterator::Iterator(std::span<const std::byte> bytes, std::size_t offset) : bytes_(bytes), offset_(offset) {
    read();
}

Archive::Iterator& Archive::Iterator::operator++() {
    offset_ = next_;
    read();
    return *this;
}

void Archive::Iterator::read() {
    // `open` saw every record, the end record too, so there is always one here.
    if (const auto record = record_at(bytes_, offset_)) {
        entry_ = record->entry;
        next_ = record->next;
    }
}

} // namespace tessera::boot
