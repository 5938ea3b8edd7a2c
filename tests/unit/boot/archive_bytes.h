// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Writes boot archives for tests, right ones and wrong ones.

#include <cstddef>
#include <cstdint>
#include <format>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::tests {

class ArchiveBytes {
public:
    struct Options { // what to write instead of the right value
        std::string_view magic = "070702";
        std::uint32_t mode = 0100644;
        std::optional<std::uint32_t> checksum;
        std::string_view name_size;
        std::string_view file_size;
        std::size_t alignment = 4; // of the contents: the name is longer by NULs
    };

    ArchiveBytes& add(std::string_view name, std::string_view contents) { return add(name, contents, Options{}); }
    ArchiveBytes& add(std::string_view name, std::string_view contents, const Options& options) {
        std::uint32_t sum = 0;
        for (const char c : contents) sum += static_cast<std::uint8_t>(c);
        const std::size_t unpadded = text_.size() + header_bytes + name.size() + 1;
        const std::size_t nuls = 1 + (options.alignment == 4 ? 0 : (0 - unpadded) % options.alignment);
        text_ += options.magic;
        text_ += std::format("{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", 1, options.mode, 0, 0, 1, 0);
        text_ += options.file_size.empty() ? std::format("{:08x}", contents.size()) : std::string(options.file_size);
        text_ += std::format("{:08x}{:08x}{:08x}{:08x}", 0, 0, 0, 0);
        text_ += options.name_size.empty() ? std::format("{:08x}", name.size() + nuls) : std::string(options.name_size);
        text_ += std::format("{:08X}", options.checksum.value_or(sum));
        text_ += name;
        text_.append(nuls, '\0');
        pad();
        text_ += contents;
        pad();
        return *this;
    }

    ArchiveBytes& add(std::string_view name, const std::vector<std::byte>& contents, const Options& options) {
        return add(name, {reinterpret_cast<const char*>(contents.data()), contents.size()}, options);
    }

    // The archive so far with its end record.
    std::vector<std::byte> finish() const {
        ArchiveBytes whole = *this;
        whole.add("TRAILER!!!", "", {.mode = 0});
        const auto* first = reinterpret_cast<const std::byte*>(whole.text_.data());
        return {first, first + whole.text_.size()};
    }

private:
    static constexpr std::size_t header_bytes = 110;

    void pad() { text_.resize((text_.size() + 3) & ~std::size_t{3}); }

    std::string text_;
};

} // namespace tessera::tests
