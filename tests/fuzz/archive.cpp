// SPDX-License-Identifier: BSD-3-Clause
// Any bytes as a boot archive: refused, or every entry is inside of them.

#include "boot/archive.h"
#include <cstdlib>

using tessera::boot::Archive;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto archive = Archive::open(bytes);
    if (!archive.has_value()) return 0;
    for (const auto& entry : *archive) {
        const auto& contents = entry.contents;
        if (contents.data() < bytes.data() || contents.data() + contents.size() > bytes.data() + size) std::abort();
        const auto found = archive->find(entry.name);
        if (found.has_value() && found->size() > size) std::abort();
    }
    return 0;
}
