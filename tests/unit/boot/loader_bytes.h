// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Writes the information of a Multiboot2 loader for tests, right and wrong.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace tessera::tests {

class LoaderBytes {
public:
    LoaderBytes() { bytes_.resize(8); }

    // A tag whose header says `claimed_size`, or its right size.
    LoaderBytes& tag(std::uint32_t type, const std::vector<std::byte>& contents, std::uint32_t claimed_size = 0) {
        const auto size = static_cast<std::uint32_t>(8 + contents.size());
        append(type).append(claimed_size == 0 ? size : claimed_size);
        bytes_.insert(bytes_.end(), contents.begin(), contents.end());
        bytes_.resize((bytes_.size() + 7) & ~std::size_t{7});
        return *this;
    }
    template <class... Fields> LoaderBytes& tag_of(std::uint32_t type, const Fields&... fields) {
        return tag(type, pack(fields...));
    }
    LoaderBytes& text(std::uint32_t type, std::string_view text) {
        const auto* first = reinterpret_cast<const std::byte*>(text.data());
        return tag(type, {first, first + text.size()});
    }
    LoaderBytes& memory(std::uint64_t base, std::uint64_t length, std::uint32_t type) {
        return tag_of(6, std::uint32_t{24}, std::uint32_t{0}, base, length, type, std::uint32_t{0});
    }
    // With the end tag and the total size at the front.
    std::vector<std::byte> finish() {
        std::vector<std::byte> all = LoaderBytes(*this).tag(0, {}).bytes_;
        const auto total = static_cast<std::uint32_t>(all.size());
        std::memcpy(all.data(), &total, sizeof(total));
        return all;
    }
    template <class... Fields> static std::vector<std::byte> pack(const Fields&... fields) {
        std::vector<std::byte> packed;
        const auto put = [&](const auto& field) {
            const auto* first = reinterpret_cast<const std::byte*>(&field);
            packed.insert(packed.end(), first, first + sizeof(field));
        };
        (put(fields), ...);
        return packed;
    }

private:
    template <class Field> LoaderBytes& append(const Field& field) {
        const auto packed = pack(field);
        bytes_.insert(bytes_.end(), packed.begin(), packed.end());
        return *this;
    }

    std::vector<std::byte> bytes_;
};

} // namespace tessera::tests
