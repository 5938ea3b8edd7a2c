// SPDX-License-Identifier: BSD-3-Clause
// Bytes for people and for the protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tess {

/// Two digits a byte, of either case; nothing for any other text.
[[nodiscard]] std::optional<std::string> bytes_of_hexadecimal(std::string_view digits);

/// Lines of sixteen bytes: where, the bytes, and those of them that ASCII shows.
[[nodiscard]] std::string hexadecimal_dump(std::string_view bytes, std::uint64_t offset);

} // namespace tessera::tess
