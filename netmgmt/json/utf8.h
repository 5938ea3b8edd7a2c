// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>

namespace tessera::netmgmt {

/// The longest head of `text` that is at most `bytes` long and does not cut a UTF-8 sequence in two.
[[nodiscard]] constexpr std::string_view clip(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    auto is_continuation = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; };
    while (bytes > 0 && is_continuation(text[bytes])) --bytes;
    return text.substr(0, bytes);
}

} // namespace tessera::netmgmt
