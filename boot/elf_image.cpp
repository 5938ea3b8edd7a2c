// SPDX-License-Identifier: BSD-3-Clause
#include "boot/elf_image.h"
#include "kernel/abi/user_layout.h"
#include <algorithm>
#include <cstring>
#include <optional>

namespace tessera::boot {
namespace {

// gABI figure 4-3, for 64-bit objects.
struct FileHeader {
    std::array<std::uint8_t, 16> identification;
    std::uint16_t type;
    std::uint16_t machine;
    std::uint32_t version;
    std::uint64_t entry;
    std::uint64_t program_header_offset;
    std::uint64_t section_header_offset;
    std::uint32_t flags;
    std::uint16_t header_bytes;
    std::uint16_t program_header_bytes;
    std::uint16_t program_header_count;
    std::uint16_t section_header_bytes;
    std::uint16_t section_header_count;
    std::uint16_t section_names;
};
static_assert(sizeof(FileHeader) == 64);

enum class HeaderType : std::uint32_t { load = 1, dynamic = 2, interpreter = 3 };

// gABI figure 5-1, for 64-bit objects.
struct ProgramHeader {
    HeaderType type;
    std::uint32_t flags;
    std::uint64_t offset;
    std::uint64_t address;
    std::uint64_t physical_address;
    std::uint64_t file_bytes;
    std::uint64_t memory_bytes;
    std::uint64_t alignment;
};
static_assert(sizeof(ProgramHeader) == ElfImage::program_header_bytes);

constexpr std::uint32_t flag_execute = 1;
constexpr std::uint32_t flag_write = 2;
constexpr std::uint32_t flag_read = 4;

constexpr std::uint16_t type_executable = 2;
constexpr std::uint16_t machine_x86_64 = 62;
constexpr std::uint8_t abi_system_v = 0;
constexpr std::uint8_t abi_gnu = 3;

template <class T> std::optional<T> load(std::span<const std::byte> bytes, std::uint64_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

bool right_kind(const FileHeader& header) {
    // Magic number, 64 bits, little endian, version 1.
    constexpr std::array<std::uint8_t, 7> start{0x7f, 'E', 'L', 'F', 2, 1, 1};
    const auto abi = header.identification[start.size()];
    return std::ranges::equal(start, std::span(header.identification).first(start.size())) &&
           (abi == abi_system_v || abi == abi_gnu) && header.type == type_executable &&
           header.machine == machine_x86_64 && header.version == 1 && header.header_bytes == sizeof(FileHeader) &&
           header.program_header_bytes == sizeof(ProgramHeader);
}

std::optional<SegmentAccess> access_of(std::uint32_t flags) {
    const bool write = (flags & flag_write) != 0;
    const bool execute = (flags & flag_execute) != 0;
    if (write && execute) return std::nullopt;
    if (write) return SegmentAccess::read_write;
    if (execute) return SegmentAccess::read_execute;
    if ((flags & flag_read) != 0) return SegmentAccess::read;
    return std::nullopt;
}

std::optional<ElfSegment> segment_of(const ProgramHeader& header, std::uint64_t total_bytes) {
    const auto access = access_of(header.flags);
    if (!access) return std::nullopt;
    if (header.offset > total_bytes || header.file_bytes > total_bytes - header.offset) return std::nullopt;
    if (header.file_bytes > header.memory_bytes) return std::nullopt;
    if (header.offset % page_bytes != header.address % page_bytes) return std::nullopt;
    if (header.address < ElfImage::lowest.value || header.address > user_layout::anonymous.value) return std::nullopt;
    if (header.memory_bytes > user_layout::anonymous.value - header.address) return std::nullopt;
    return ElfSegment{.address = {header.address},
                      .file_offset = header.offset,
                      .file_bytes = header.file_bytes,
                      .memory_bytes = header.memory_bytes,
                      .access = *access};
}

} // namespace

Result<ElfImage> ElfImage::open(std::span<const std::byte> head, std::uint64_t total_bytes) {
    if (head.size() > total_bytes) return Status::not_executable;
    head = head.first(std::min(head.size(), head_bytes));
    const auto header = load<FileHeader>(head, 0);
    if (!header || !right_kind(*header)) return Status::not_executable;

    ElfImage image;
    for (std::uint64_t i = 0; i < header->program_header_count; ++i) {
        if (header->program_header_offset > head.size()) return Status::not_executable;
        const auto program_header =
            load<ProgramHeader>(head, header->program_header_offset + i * sizeof(ProgramHeader));
        if (!program_header) return Status::not_executable;
        if (program_header->type == HeaderType::dynamic || program_header->type == HeaderType::interpreter)
            return Status::not_executable;
        if (program_header->type != HeaderType::load || program_header->memory_bytes == 0) continue;
        const auto segment = segment_of(*program_header, total_bytes);
        if (!segment || !image.accept(*segment)) return Status::not_executable;
    }
    image.entry_ = {header->entry};
    if (!image.executable(image.entry_)) return Status::not_executable;
    image.program_header_count_ = header->program_header_count;
    image.locate_program_headers(header->program_header_offset);
    return image;
}

bool ElfImage::accept(const ElfSegment& segment) {
    if (segment_count_ == segment_limit) return false;
    if (segment_count_ > 0 && segment.first_page() < segments_[segment_count_ - 1].end_page()) return false;
    segments_[segment_count_++] = segment;
    return true;
}

bool ElfImage::executable(VirtualAddress address) const {
    return std::ranges::any_of(segments(), [address](const ElfSegment& segment) {
        return segment.access == SegmentAccess::read_execute && address >= segment.address &&
               address - segment.address < segment.memory_bytes;
    });
}

void ElfImage::locate_program_headers(std::uint64_t file_offset) {
    const std::uint64_t bytes = program_header_count_ * std::uint64_t{program_header_bytes};
    for (const auto& segment : segments()) {
        if (file_offset < segment.file_offset || file_offset - segment.file_offset > segment.file_bytes) continue;
        const std::uint64_t inside = file_offset - segment.file_offset;
        if (bytes <= segment.file_bytes - inside) program_headers_ = segment.address + inside;
    }
}

} // namespace tessera::boot
