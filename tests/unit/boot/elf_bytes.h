// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Writes small ELF64 programs for tests, right ones and wrong ones.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace tessera::tests {

struct ElfProgramHeader {
    std::uint32_t type = 1;
    std::uint32_t flags = 5;
    std::uint64_t offset = 0x1000;
    std::uint64_t address = 0x401000;
    std::uint64_t physical_address = 0;
    std::uint64_t file_bytes = 0x1000;
    std::uint64_t memory_bytes = 0x1000;
    std::uint64_t alignment = 0x1000;
};

struct ElfFileHeader {
    std::uint8_t identification[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    std::uint16_t type = 2;
    std::uint16_t machine = 62;
    std::uint32_t version = 1;
    std::uint64_t entry = 0x401000;
    std::uint64_t program_header_offset = 64;
    std::uint64_t section_header_offset = 0;
    std::uint32_t flags = 0;
    std::uint16_t header_bytes = 64;
    std::uint16_t program_header_bytes = 56;
    std::uint16_t program_header_count = 0;
    std::uint16_t section_header_bytes = 0;
    std::uint16_t section_header_count = 0;
    std::uint16_t section_names = 0;
};

// A file of `bytes` bytes with these headers at its start; the rest counts upwards.
inline std::vector<std::byte> elf_bytes(ElfFileHeader header, std::span<const ElfProgramHeader> program_headers,
                                        std::size_t bytes = 0x4000) {
    std::vector<std::byte> file(bytes);
    for (std::size_t i = 0; i < bytes; ++i) file[i] = static_cast<std::byte>(i * 7 + i / 256);
    if (header.program_header_count == 0)
        header.program_header_count = static_cast<std::uint16_t>(program_headers.size());
    std::memcpy(file.data(), &header, sizeof(header));
    if (!program_headers.empty()) std::memcpy(file.data() + 64, program_headers.data(), program_headers.size_bytes());
    return file;
}

// A usual program: headers and constants, code, data with zeroes behind.
inline std::vector<ElfProgramHeader> usual_segments() {
    return {
        {.type = 1, .flags = 4, .offset = 0, .address = 0x400000, .file_bytes = 0x800, .memory_bytes = 0x800},
        {.type = 1, .flags = 5, .offset = 0x1000, .address = 0x401000, .file_bytes = 0x1234, .memory_bytes = 0x1234},
        {.type = 1, .flags = 6, .offset = 0x3010, .address = 0x403010, .file_bytes = 0x100, .memory_bytes = 0x5000},
    };
}

} // namespace tessera::tests
