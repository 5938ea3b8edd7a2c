// SPDX-License-Identifier: BSD-3-Clause
#include "boot/loader_information.h"
#include <cstring>

namespace tessera::boot {

namespace {

enum class TagType : std::uint32_t {
    end = 0,
    command_line = 1,
    module = 3,
    memory_map = 6,
    frame_buffer = 8,
    efi64 = 12,
    acpi_old = 14,
    acpi_new = 15,
    efi64_image = 20
};

constexpr std::size_t information_header_bytes = 8, tag_header_bytes = 8, tag_alignment = 8;
constexpr std::uint32_t available_memory = 1;
constexpr std::uint8_t text_mode = 2;

template <class T> T load(std::span<const std::byte> bytes, std::size_t offset) {
    T value{};
    if (offset + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

std::string_view text_at(std::span<const std::byte> bytes, std::size_t offset) {
    if (offset >= bytes.size()) return {};
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()) + offset, bytes.size() - offset};
    const std::size_t end = text.find('\0');
    return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

void read_memory_map(std::span<const std::byte> tag, LoaderInformation& information) {
    const auto entry_bytes = load<std::uint32_t>(tag, 8);
    constexpr std::size_t entries_offset = 16, smallest_entry = 24;
    if (entry_bytes < smallest_entry) return;
    for (std::size_t offset = entries_offset; offset + entry_bytes <= tag.size(); offset += entry_bytes) {
        if (information.memory_count == information.memory.size()) {
            information.memory_truncated = true;
            return;
        }
        MemoryRange& range = information.memory[information.memory_count++];
        range.base = {load<std::uint64_t>(tag, offset)};
        range.bytes = load<std::uint64_t>(tag, offset + 8);
        range.kind =
            load<std::uint32_t>(tag, offset + 16) == available_memory ? MemoryKind::free : MemoryKind::reserved;
    }
}

void read_module(std::span<const std::byte> tag, LoaderInformation& information) {
    if (information.archive_bytes != 0) return; // the first one is the archive
    const auto begin = load<std::uint32_t>(tag, 8), end = load<std::uint32_t>(tag, 12);
    information.archive = {begin};
    information.archive_bytes = end > begin ? end - begin : 0;
}

void read_frame_buffer(std::span<const std::byte> tag, LoaderInformation& information) {
    TextScreen& screen = information.screen;
    screen.base = {load<std::uint64_t>(tag, 8)};
    screen.pitch = load<std::uint32_t>(tag, 16);
    screen.width = load<std::uint32_t>(tag, 20);
    screen.height = load<std::uint32_t>(tag, 24);
    constexpr std::uint32_t text_cell_bits = 16;
    screen.bits_per_cell = load<std::uint8_t>(tag, 29) == text_mode ? text_cell_bits : load<std::uint8_t>(tag, 28);
}

void read_tag(TagType type, std::span<const std::byte> tag, LoaderInformation& information) {
    switch (type) {
    case TagType::command_line:
        information.command_line = text_at(tag, tag_header_bytes);
        break;
    case TagType::module:
        read_module(tag, information);
        break;
    case TagType::memory_map:
        read_memory_map(tag, information);
        break;
    case TagType::frame_buffer:
        read_frame_buffer(tag, information);
        break;
    case TagType::efi64:
    case TagType::efi64_image:
        information.firmware = Firmware::uefi;
        break;
    case TagType::acpi_old:
        if (information.acpi_root_pointer.empty()) information.acpi_root_pointer = tag.subspan(tag_header_bytes);
        break;
    case TagType::acpi_new:
        information.acpi_root_pointer = tag.subspan(tag_header_bytes);
        break;
    case TagType::end:
        break;
    }
}

} // namespace

Result<LoaderInformation> LoaderInformation::parse(std::span<const std::byte> bytes) {
    LoaderInformation information;
    std::size_t offset = information_header_bytes;
    while (offset + tag_header_bytes <= bytes.size()) {
        const auto type = load<TagType>(bytes, offset);
        const auto size = load<std::uint32_t>(bytes, offset + 4);
        if (size < tag_header_bytes || size > bytes.size() - offset) return Status::damaged;
        if (type == TagType::end) break;
        read_tag(type, bytes.subspan(offset, size), information);
        offset += (size + tag_alignment - 1) / tag_alignment * tag_alignment;
    }
    if (information.memory_count == 0) return Status::damaged;
    return information;
}

} // namespace tessera::boot
