// SPDX-License-Identifier: BSD-3-Clause
// Text of a peer, made harmless for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tessera::tess {

/// Control characters (C0, DEL, C1), invisible and direction-changing characters, and bytes that are not UTF-8 become
/// visible escapes such as \x1b or \u202e; everything else stays.
[[nodiscard]] std::string printable(std::string_view text);

/// The same, with line feeds kept: for text that was laid out by this program.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// Paragraphs (separated by an empty line) broken at blanks into lines of at most 110 columns, with a line feed at the
/// end.
[[nodiscard]] std::string wrapped(std::string_view text);

/// Columns that printable text takes on a terminal, one for each character.
[[nodiscard]] std::size_t display_width(std::string_view text);

} // namespace tessera::tess
