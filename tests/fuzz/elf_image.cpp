// SPDX-License-Identifier: BSD-3-Clause
// Any bytes as a program: refused, or every segment is in the file and in user space and they do not overlap.

#include "boot/elf_image.h"
#include "kernel/abi/user_layout.h"
#include <algorithm>
#include <cstdlib>

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto image = boot::ElfImage::open(bytes.first(std::min(size, boot::ElfImage::head_bytes)), size);
    if (!image.has_value()) return 0;
    VirtualAddress end = boot::ElfImage::lowest;
    for (const auto& segment : image->segments()) {
        if (segment.first_page() < end || segment.end_page() > user_layout::anonymous) std::abort();
        if (segment.file_offset > size || segment.file_bytes > size - segment.file_offset) std::abort();
        if (segment.file_bytes > segment.memory_bytes) std::abort();
        end = segment.end_page();
    }
    return 0;
}
